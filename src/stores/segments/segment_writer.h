// Appends to one segment file. A failed append leaves the file as it was; a failed sync ends the segment, because after
// it nobody knows which bytes are on the disk (asking again would only answer "yes").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "stores/segments/io.h"

namespace tollgate::stores {

// Thread safety: one thread at a time. Errors: io_failed.
class SegmentWriter {
 public:
  // Creates the file with `head` in it; both are durable when this returns. On failure no file remains.
  static Result<SegmentWriter> create(Io& io, const std::string& path, std::string_view head);

  // All of it or nothing. Durable after the next sync().
  Result<void> append(std::string_view frames);
  Result<void> sync();

  std::uint64_t written() const { return written_; }
  std::uint64_t synced() const { return synced_; }
  // No further append or sync makes sense: what lies beyond synced() is unknown.
  bool broken() const { return broken_; }

 private:
  SegmentWriter(Io& io, std::string path, UniqueFd fd) : io_(&io), path_(std::move(path)), fd_(std::move(fd)) {}
  std::unexpected<Error> failed(std::string_view doing) const;

  Io* io_;
  std::string path_;
  UniqueFd fd_;
  std::uint64_t written_ = 0;
  std::uint64_t synced_ = 0;
  bool broken_ = false;
};

}  // namespace tollgate::stores
