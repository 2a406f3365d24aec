// What must not be forgotten when the process is killed: until when drained buckets are drained. A file of 32-bit
// cells, mapped and shared, so that what was written survives the process without any system call.
//
// A cell holds the latest second at which a bucket that hashes there is full again; each bucket has two cells and
// believes the smaller (a count-min sketch with maxima in place of sums). So it answers "not full before …" never too
// early, and too late only for a key that shares both cells with drained ones. Cells of the past mean nothing: nothing
// is ever removed, the file never fills up, and each cell is valid alone, in whatever order the kernel writes pages.
//
// The header keeps what must outlive the process too: which snapshot it belongs to, and a clock stamp.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "stores/memory/limiter_clock.h"
#include "stores/memory/mapping.h"

namespace tollgate::stores {

struct DrainHeader {
  std::uint64_t pair = 0;  // the same in the snapshot that belongs to it
  ClockStamp stamp;
  core::LimiterTime empty_at;  // every bucket was empty then, because nothing was known; zero: never
  bool clean = false;          // the last process wrote a final snapshot: nothing here is needed
};

// Thread safety: raise() and full_again() from any thread.
class DrainMap {
 public:
  static constexpr std::size_t kDefaultCells = std::size_t{1} << 22;  // 16 MiB

  // Fails with store_corrupt when the file is not one that create() made, with io_failed when it cannot be mapped.
  static Result<DrainMap> open(const std::string& path);
  // Makes or replaces the file, its space reserved (a hole could not be filled on a full disk). `cells`: a power of
  // two.
  static Result<DrainMap> create(const std::string& path, std::size_t cells);

  DrainHeader header() const;
  // Written through to the disk; a kill in the middle leaves the old header or the new.
  Result<void> set_header(const DrainHeader& header);

  void raise(Hash128 key, std::uint32_t second) noexcept;
  // The second from which this bucket is certainly full, as far as anything was recorded; 0: nothing was.
  std::uint32_t full_again(Hash128 key) const noexcept;
  // The same from a copy that later raise() calls do not change; empty when every cell lies at or before `second`.
  std::vector<std::uint32_t> copy_cells_after(std::uint32_t second) const;

 private:
  DrainMap(UniqueFd fd, Mapping mapping, std::size_t cells)
      : fd_(std::move(fd)), mapping_(std::move(mapping)), cells_(cells) {}
  std::atomic<std::uint32_t>& cell(std::size_t index) const noexcept;

  UniqueFd fd_;
  Mapping mapping_;
  std::size_t cells_;
};

// The two cells of a key, for `cells` a power of two.
struct CellPair {
  std::size_t first;
  std::size_t second;
};
inline CellPair cells_of(Hash128 key, std::size_t cells) noexcept {
  return {static_cast<std::size_t>(key.low & (cells - 1)), static_cast<std::size_t>(key.high & (cells - 1))};
}

}  // namespace tollgate::stores
