// Reads a segment's frames one after the other, and past places that are damaged.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/io.h"
#include "core/usage/frames.h"

namespace tollgate::stores {

// Thread safety: one thread at a time. Errors: io_failed; the position stays, the read may be tried again.
class SegmentReader {
 public:
  struct End {};
  // No frame is sound between offset and offset + bytes; whatever was there is lost from this file.
  struct Damage {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
  };
  // Records come one by one, and stay with the reader until its next call.
  using Item = std::variant<End, Damage, const core::LoggedRecord*, core::Frame>;

  static Result<SegmentReader> open(Io& io, const std::string& path);

  // The next item before `limit`, which is where the file's durable part ends.
  Result<Item> next(std::uint64_t limit);
  // Where to go on: of a frame of records its begin, until all of them were given out.
  std::uint64_t offset() const { return offset_; }
  void seek(std::uint64_t offset);
  // The bytes as they stand, for a copy of damage. Fewer than asked for at the file's end, and before a place that
  // cannot be read: an error only when not even a frame's bytes stand before it.
  Result<std::string> bytes(std::uint64_t offset, std::size_t length);

 private:
  // The same, into a string whose memory is used again. After an error it is empty.
  Result<void> read_into(std::string& out, std::uint64_t offset, std::size_t length);
  SegmentReader(Io& io, std::string path, UniqueFd fd) : io_(&io), path_(std::move(path)), fd_(std::move(fd)) {}
  // What the buffer has from `offset` on: at least one frame's bytes, unless `limit` comes first.
  Result<std::string_view> view(std::uint64_t offset, std::uint64_t limit);
  Result<Damage> measure_damage(std::uint64_t limit);
  const core::LoggedRecord* give_record();

  Io* io_;
  std::string path_;
  UniqueFd fd_;
  std::uint64_t offset_ = 0;
  std::string buffer_;
  std::uint64_t buffer_offset_ = 0;
  std::vector<core::LoggedRecord> records_;  // of the frame at offset_
  std::size_t given_ = 0;                    // of them
  std::size_t records_bytes_ = 0;            // what the frame takes
};

}  // namespace tollgate::stores
