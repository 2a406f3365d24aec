#include "stores/archive/archive_files.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <span>
#include <system_error>

#include "base/file.h"
#include "base/str.h"

namespace tollgate::stores {
namespace {

constexpr std::string_view kPrefix = "req-";
constexpr std::string_view kOpen = ".tgo";
constexpr std::string_view kSealed = ".tga";
constexpr std::string_view kDraft = ".draft";
constexpr std::string_view kCopy = ".damage-";
constexpr std::size_t kReadBytes = 1u << 20;
constexpr unsigned kAttempts = 3;

std::string_view magic(ArchiveKind kind) {
  return kind == ArchiveKind::open ? std::string_view("TGREQO\n\x01", 8) : std::string_view("TGREQS\n\x01", 8);
}

// "req-000000000012.tgo" → 12, ".tgo"
struct Name {
  std::uint64_t number = 0;
  std::string_view rest;
};
std::optional<Name> parse_name(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  const auto number = str::parse_int<std::uint64_t>(name.substr(0, name.find('.')));
  if (!number || name.find('.') == std::string_view::npos) return std::nullopt;
  return Name{*number, name.substr(name.find('.'))};
}

}  // namespace

std::string archive_header(ArchiveKind kind, std::uint64_t number) {
  std::string header(magic(kind));
  header.resize(kArchiveHeaderBytes);
  std::memcpy(header.data() + 8, &number, 8);
  return header;
}

bool is_archive_header(std::string_view bytes, ArchiveKind kind) {
  return bytes.size() >= kArchiveHeaderBytes && bytes.starts_with(magic(kind));
}

std::string ArchiveFiles::stem(std::uint64_t number) const {
  std::string digits = str::cat(number);
  if (digits.size() < 12) digits.insert(0, 12 - digits.size(), '0');
  return str::cat(directory_, "/", kPrefix, digits);
}

std::string ArchiveFiles::path(ArchiveKind kind, std::uint64_t number) const {
  return stem(number).append(kind == ArchiveKind::open ? kOpen : kSealed);
}
std::string ArchiveFiles::draft_path(std::uint64_t number) const {
  return stem(number).append(kDraft);
}
std::string ArchiveFiles::copy_path(std::uint64_t number, std::uint64_t offset) const {
  return str::cat(stem(number), kCopy, offset);
}

Result<ArchiveFiles::Listing> ArchiveFiles::list() const {
  std::error_code error;
  Listing listing;
  for (std::filesystem::directory_iterator at(directory_, error), end; !error && at != end; at.increment(error)) {
    const std::string file_name = at->path().filename().string();
    const auto name = parse_name(file_name);
    if (!name) continue;
    if (name->rest == kDraft) {
      listing.drafts.push_back(at->path().string());
      continue;
    }
    const bool is_copy = name->rest.starts_with(kCopy);
    if (name->rest != kOpen && name->rest != kSealed && !is_copy) continue;
    ArchiveFileSet& set = listing.files[name->number];
    set.open = set.open || name->rest == kOpen;
    set.sealed = set.sealed || name->rest == kSealed;
    if (!is_copy) continue;
    std::error_code ignored;
    const std::uintmax_t bytes = at->file_size(ignored);
    set.copies.push_back({.path = at->path().string(), .bytes = ignored ? 0 : bytes});
  }
  if (error) return fail(codes::data_dir_unusable, str::cat("cannot list ", directory_, ": ", error.message()));
  return listing;
}

UniqueFd open_to_read(Io& io, const std::string& path) {
  UniqueFd fd;
  for (unsigned attempt = 0; attempt < kAttempts && !fd; ++attempt) {
    fd = UniqueFd(io.open(path, O_RDONLY));
    if (!fd && errno == ENOENT) break;
  }
  return fd;
}

bool read_exactly(Io& io, int fd, std::uint64_t offset, std::span<char> into) {
  for (unsigned failures = 0; !into.empty();) {
    const ssize_t got = io.pread(fd, into, offset);
    if (got == 0) return false;
    if (got < 0) {
      if (errno != EINTR && ++failures == kAttempts) return false;
      continue;
    }
    into = into.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return true;
}

ArchiveBytes read_archive_bytes(Io& io, const std::string& path) {
  ArchiveBytes read;
  const UniqueFd fd = open_to_read(io, path);
  if (!fd) read.problem = system_error_text();
  for (unsigned failures = 0; fd && failures < kAttempts;) {
    const std::size_t before = read.bytes.size();
    read.bytes.resize(before + kReadBytes);
    const ssize_t got = io.pread(fd.get(), std::span(read.bytes).subspan(before), before);
    const bool failed = got < 0 && errno != EINTR;
    if (failed && ++failures == kAttempts) read.problem = system_error_text();
    read.bytes.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) break;
  }
  return read;
}

}  // namespace tollgate::stores
