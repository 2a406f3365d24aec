#include "stores/memory/snapshot_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/crc.h"
#include "base/str.h"

namespace tollgate::stores {
namespace {

constexpr std::uint64_t kMagic = 0x3130'5041'4e53'4c54;  // "TLSNAP01"
constexpr std::size_t kBuffered = 256u << 10;

struct RawHeader {
  std::uint64_t magic = kMagic;
  std::uint64_t pair = 0;
  std::int64_t since_boot_ns = 0;
  std::int64_t wall_ns = 0;
  std::int64_t limiter_ns = 0;
  std::array<char, 36> boot{};
  std::uint32_t reserved = 0;
};
struct RawBucket {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::uint64_t tat = 0;
  std::uint32_t keep_until = 0;
  StoredKind kind = StoredKind::bucket;
};
struct RawTrailer {
  std::uint64_t count = 0;
  std::uint32_t reserved = 0;
  std::uint32_t crc = 0;  // of everything before it
};
static_assert(sizeof(RawHeader) == 80 && sizeof(RawBucket) == 32 && sizeof(RawTrailer) == 16);

template <class Raw>
void append_raw(std::string& out, const Raw& raw) {
  char bytes[sizeof(Raw)];
  std::memcpy(bytes, &raw, sizeof(Raw));
  out.append(bytes, sizeof(Raw));
}

template <class Raw>
Raw raw_at(std::string_view bytes, std::size_t at) {
  Raw raw;
  std::memcpy(&raw, bytes.data() + at, sizeof(Raw));
  return raw;
}

RawBucket raw_bucket(std::string_view bytes, std::size_t index) {
  return raw_at<RawBucket>(bytes, sizeof(RawHeader) + index * sizeof(RawBucket));
}

std::unexpected<Error> io_error(std::string_view doing, const std::string& path) {
  return fail(codes::io_failed, str::cat("cannot ", doing, " ", path, ": ", system_error_text()));
}

std::string beside(const std::string& path) {
  return path + ".new";
}

// Without this a power cut may bring the old name back.
bool sync_directory_of(const std::string& path) {
  const std::string directory = std::filesystem::path(path).parent_path();
  const UniqueFd fd(::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return fd && ::fsync(fd.get()) == 0;
}

}  // namespace

Result<SnapshotWriter> SnapshotWriter::create(const std::string& path, const SnapshotHeader& header) {
  const std::string file = beside(path);
  ::unlink(file.c_str());
  UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) return io_error("create", file);
  SnapshotWriter writer(path, std::move(fd));
  RawHeader raw;
  raw.pair = header.pair;
  raw.since_boot_ns = header.stamp.host.since_boot.count();
  raw.wall_ns = header.stamp.host.wall.time_since_epoch().count();
  raw.limiter_ns = header.stamp.limiter.ns;
  raw.boot = header.stamp.host.boot;
  append_raw(writer.buffer_, raw);
  return writer;
}

Result<void> SnapshotWriter::add(const StoredBucket& bucket, StoredKind kind) {
  append_raw(buffer_, RawBucket{bucket.key.high, bucket.key.low, bucket.tat, bucket.keep_until, kind});
  ++count_;
  return buffer_.size() < kBuffered ? Result<void>{} : flush();
}

Result<void> SnapshotWriter::flush() {
  const std::string file = beside(path_);
  crc_ = crc32c(buffer_, crc_);
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t put = ::write(fd_.get(), rest.data(), rest.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return io_error("write", file);
    rest.remove_prefix(static_cast<std::size_t>(put));
  }
  buffer_.clear();
  return {};
}

Result<void> SnapshotWriter::finish() {
  RawTrailer trailer{.count = count_};
  char counted[offsetof(RawTrailer, crc)];
  std::memcpy(counted, &trailer, sizeof(counted));
  buffer_.append(counted, sizeof(counted));
  if (auto flushed = flush(); !flushed) return flushed;
  append_raw(buffer_, crc_);
  if (auto flushed = flush(); !flushed) return flushed;
  if (::fsync(fd_.get()) != 0 || ::rename(beside(path_).c_str(), path_.c_str()) != 0 || !sync_directory_of(path_)) {
    return io_error("write", path_);
  }
  return {};
}

Result<SnapshotFile> SnapshotFile::open(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return io_error("open", path);
  struct stat file{};
  if (::fstat(fd.get(), &file) != 0) return io_error("open", path);
  const auto size = static_cast<std::size_t>(file.st_size);
  if (size < sizeof(RawHeader) + sizeof(RawTrailer)) return fail(codes::store_corrupt, path + " is cut short");
  Mapping mapping = Mapping::of(fd.get(), size, PROT_READ, MAP_PRIVATE);
  if (!mapping) return io_error("map", path);
  SnapshotFile snapshot(std::move(mapping));
  if (auto good = snapshot.verify(path); !good) return std::unexpected(std::move(good).error());
  return snapshot;
}

Result<void> SnapshotFile::verify(const std::string& path) {
  const std::string_view all = bytes();
  const auto header = raw_at<RawHeader>(all, 0);
  const std::size_t end = all.size() - sizeof(RawTrailer);
  const auto trailer = raw_at<RawTrailer>(all, end);
  if (header.magic != kMagic) return fail(codes::store_corrupt, path + " is not a limiter snapshot of this version");
  if ((end - sizeof(RawHeader)) % sizeof(RawBucket) != 0 ||
      trailer.count != (end - sizeof(RawHeader)) / sizeof(RawBucket) ||
      trailer.crc != crc32c(all.substr(0, end + offsetof(RawTrailer, crc)))) {
    return fail(codes::store_corrupt, path + " is damaged: its checksum does not fit");
  }
  header_.pair = header.pair;
  header_.stamp = {{header.boot, Nanos(header.since_boot_ns), WallTime(Nanos(header.wall_ns))}, {header.limiter_ns}};
  count_ = trailer.count;
  return {};
}

StoredBucket SnapshotFile::bucket(std::size_t index) const {
  const RawBucket raw = raw_bucket(bytes(), index);
  return {{raw.low, raw.high}, raw.tat, raw.keep_until};
}

StoredKind SnapshotFile::kind(std::size_t index) const {
  return raw_bucket(bytes(), index).kind;
}

}  // namespace tollgate::stores
