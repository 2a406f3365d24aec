// Appends to one segment file. A failed append leaves the file as it was; a failed sync ends the segment, because after
// it nobody knows which bytes are on the disk (asking again would only answer "yes").
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/io.h"

namespace tollgate::stores {

// What the writer does about it depends on this alone.
enum class WriteFault : std::uint8_t { disk_full, failed };
using WriteResult = std::expected<void, WriteFault>;

// Thread safety: one thread at a time.
class SegmentWriter {
 public:
  // Creates the file with `head` in it; both are durable when this returns. On failure no file remains.
  static std::expected<SegmentWriter, WriteFault> create(Io& io, const std::string& path, std::string_view head);

  // All of it or nothing. Durable after the next sync().
  WriteResult append(std::string_view frames);
  WriteResult sync();

  std::uint64_t written() const { return written_; }
  std::uint64_t synced() const { return synced_; }
  // No further append or sync makes sense: what lies beyond synced() is unknown.
  bool broken() const { return broken_; }

 private:
  SegmentWriter(Io& io, UniqueFd fd) : io_(&io), fd_(std::move(fd)) {}

  Io* io_;
  UniqueFd fd_;
  std::uint64_t written_ = 0;
  std::uint64_t synced_ = 0;
  bool broken_ = false;
};

}  // namespace tollgate::stores
