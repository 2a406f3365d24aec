#include "stores/segments/segment_set.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/str.h"

namespace tollgate::stores {
namespace {

constexpr std::string_view kPrefix = "seg-";
constexpr std::string_view kSuffix = ".tgs";

std::optional<std::uint64_t> number_of(std::string_view file_name) {
  if (!file_name.starts_with(kPrefix) || !file_name.ends_with(kSuffix)) return std::nullopt;
  file_name.remove_prefix(kPrefix.size());
  file_name.remove_suffix(kSuffix.size());
  return str::parse_int<std::uint64_t>(file_name);
}

}  // namespace

std::string segment_header(std::uint64_t number) {
  std::string header("TGSEG\r\n\x03", 8);
  header.resize(kSegmentHeaderBytes);
  std::memcpy(header.data() + 8, &number, 8);
  return header;
}

std::string SegmentSet::path(std::uint64_t number) const {
  std::string digits = str::cat(number);
  if (digits.size() < 12) digits.insert(0, 12 - digits.size(), '0');
  return str::cat(directory_, "/", kPrefix, digits, kSuffix);
}

Result<std::vector<std::uint64_t>> SegmentSet::scan_directory() const {
  std::error_code error;
  std::vector<std::uint64_t> numbers;
  for (std::filesystem::directory_iterator at(directory_, error), end; !error && at != end; at.increment(error)) {
    if (const auto number = number_of(at->path().filename().string())) numbers.push_back(*number);
  }
  if (error) return fail(codes::data_dir_unusable, str::cat("cannot list ", directory_, ": ", error.message()));
  std::ranges::sort(numbers);
  return numbers;
}

void SegmentSet::put(Segment segment) {
  const std::scoped_lock lock(mutex_);
  segments_.insert_or_assign(segment.number, std::move(segment));
}

void SegmentSet::publish(std::uint64_t number, std::uint64_t readable, std::vector<core::RingPosition> ends) {
  const std::scoped_lock lock(mutex_);
  Segment& segment = segments_.at(number);
  segment.readable = readable;
  segment.ends = std::move(ends);
}

bool SegmentSet::unlink(Io& io, std::uint64_t number) {
  const std::string file = path(number);
  if (io.unlink(file) != 0 && errno != ENOENT) return false;
  const std::scoped_lock lock(mutex_);
  segments_.erase(number);
  return true;
}

bool SegmentSet::is_last(std::uint64_t number) const {
  const std::scoped_lock lock(mutex_);
  return segments_.upper_bound(number) == segments_.end();
}

void SegmentSet::set_shipped_below(std::uint64_t number) {
  const std::scoped_lock lock(mutex_);
  shipped_below_ = number;
}

std::optional<Segment> SegmentSet::first_from(std::uint64_t number) const {
  const std::scoped_lock lock(mutex_);
  const auto at = segments_.lower_bound(number);
  if (at == segments_.end()) return std::nullopt;
  return at->second;
}

std::optional<Segment> SegmentSet::oldest_shipped() const {
  const std::scoped_lock lock(mutex_);
  const auto oldest = segments_.begin();
  if (oldest == segments_.end() || oldest->first >= shipped_below_) return std::nullopt;
  return oldest->second;
}

std::uint64_t SegmentSet::total_bytes() const {
  const std::scoped_lock lock(mutex_);
  std::uint64_t total = 0;
  for (const auto& [number, segment] : segments_) total += segment.readable;
  return total;
}

std::size_t SegmentSet::count() const {
  const std::scoped_lock lock(mutex_);
  return segments_.size();
}

}  // namespace tollgate::stores
