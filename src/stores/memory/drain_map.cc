#include "stores/memory/drain_map.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "base/crc.h"
#include "base/file.h"
#include "base/str.h"

namespace tollgate::stores {
namespace {

constexpr std::uint64_t kMagic = 0x3130'4e49'4152'4454;  // "TDRAIN01"
constexpr std::size_t kHeaderBytes = 4096;

constexpr std::size_t file_bytes(std::size_t cells) {
  return kHeaderBytes + cells * sizeof(std::uint32_t);
}

struct RawHeader {
  std::uint64_t magic = kMagic;
  std::uint64_t cells = 0;
  std::uint64_t pair = 0;
  std::array<char, 36> boot{};
  std::uint32_t clean = 0;
  std::int64_t since_boot_ns = 0;
  std::int64_t wall_ns = 0;
  std::int64_t limiter_ns = 0;
  std::int64_t empty_at_ns = 0;
  std::uint32_t reserved = 0;
  std::uint32_t crc = 0;  // of everything before it
};
static_assert(sizeof(RawHeader) == 104);
static_assert(std::has_unique_object_representations_v<RawHeader>);

std::uint32_t crc_of(const RawHeader& header) {
  char bytes[sizeof(RawHeader)];
  std::memcpy(bytes, &header, sizeof(bytes));
  return crc32c({bytes, offsetof(RawHeader, crc)});
}

std::unexpected<Error> io_error(std::string_view doing, const std::string& path) {
  return fail(codes::io_failed, str::cat("cannot ", doing, " ", path, ": ", system_error_text()));
}

}  // namespace

std::atomic<std::uint32_t>& DrainMap::cell(std::size_t index) const noexcept {
  return static_cast<std::atomic<std::uint32_t>*>(mapping_.start())[kHeaderBytes / sizeof(std::uint32_t) + index];
}

Result<DrainMap> DrainMap::open(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd) return io_error("open", path);
  struct stat file{};
  if (::fstat(fd.get(), &file) != 0) return io_error("open", path);
  RawHeader header;
  if (::pread(fd.get(), &header, sizeof(header), 0) != static_cast<ssize_t>(sizeof(header)) || header.magic != kMagic ||
      header.crc != crc_of(header) || !std::has_single_bit(header.cells) ||
      static_cast<std::size_t>(file.st_size) != file_bytes(header.cells)) {
    return fail(codes::store_corrupt, path + " is not a limiter state file of this version");
  }
  Mapping mapping = Mapping::of(fd.get(), file_bytes(header.cells), PROT_READ | PROT_WRITE, MAP_SHARED);
  if (!mapping) return io_error("map", path);
  return DrainMap(std::move(fd), std::move(mapping), header.cells);
}

Result<DrainMap> DrainMap::create(const std::string& path, std::size_t cells) {
  TG_ASSERT(std::has_single_bit(cells));
  RawHeader header;
  header.cells = cells;
  header.crc = crc_of(header);
  const std::string beside = path + ".new";
  ::unlink(beside.c_str());
  {
    const UniqueFd fd(::open(beside.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd) return io_error("create", beside);
    if (const int error = ::posix_fallocate(fd.get(), 0, static_cast<off_t>(file_bytes(cells))); error != 0) {
      errno = error;
      return io_error("reserve space for", beside);
    }
    if (::pwrite(fd.get(), &header, sizeof(header), 0) != static_cast<ssize_t>(sizeof(header)) ||
        ::fsync(fd.get()) != 0) {
      return io_error("write", beside);
    }
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return io_error("write", path);
  return open(path);
}

DrainHeader DrainMap::header() const {
  RawHeader raw;
  std::memcpy(&raw, mapping_.start(), sizeof(raw));
  DrainHeader header;
  header.pair = raw.pair;
  header.stamp.host = {raw.boot, Nanos(raw.since_boot_ns), WallTime(Nanos(raw.wall_ns))};
  header.stamp.limiter = {raw.limiter_ns};
  header.empty_at = {raw.empty_at_ns};
  header.clean = raw.clean != 0;
  return header;
}

Result<void> DrainMap::set_header(const DrainHeader& header) {
  RawHeader raw;
  raw.cells = cells_;
  raw.pair = header.pair;
  raw.boot = header.stamp.host.boot;
  raw.clean = header.clean ? 1 : 0;
  raw.since_boot_ns = header.stamp.host.since_boot.count();
  raw.wall_ns = header.stamp.host.wall.time_since_epoch().count();
  raw.limiter_ns = header.stamp.limiter.ns;
  raw.empty_at_ns = header.empty_at.ns;
  raw.crc = crc_of(raw);
  if (::pwrite(fd_.get(), &raw, sizeof(raw), 0) != static_cast<ssize_t>(sizeof(raw)) || ::fdatasync(fd_.get()) != 0) {
    return io_error("write", "the limiter's drain map");
  }
  return {};
}

void DrainMap::raise(Hash128 key, std::uint32_t second) noexcept {
  const CellPair pair = cells_of(key, cells_);
  for (const std::size_t index : {pair.first, pair.second}) {
    std::atomic<std::uint32_t>& at = cell(index);
    std::uint32_t was = at.load(std::memory_order_relaxed);
    while (was < second && !at.compare_exchange_weak(was, second, std::memory_order_relaxed)) {
    }
  }
}

std::uint32_t DrainMap::full_again(Hash128 key) const noexcept {
  const CellPair pair = cells_of(key, cells_);
  return std::min(cell(pair.first).load(std::memory_order_relaxed), cell(pair.second).load(std::memory_order_relaxed));
}

std::vector<std::uint32_t> DrainMap::copy_cells_after(std::uint32_t second) const {
  std::vector<std::uint32_t> copy(cells_);
  bool any = false;
  for (std::size_t i = 0; i < cells_; ++i) {
    copy[i] = cell(i).load(std::memory_order_relaxed);
    any = any || copy[i] > second;
  }
  if (!any) copy.clear();
  return copy;
}

}  // namespace tollgate::stores
