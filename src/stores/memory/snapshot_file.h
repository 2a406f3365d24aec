// Buckets on disk: header, 32 bytes per bucket, count and CRC32C at the end. Written beside and renamed, so there is
// either the old file or the whole new one; a damaged file is refused as a whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "stores/memory/bucket_table.h"
#include "stores/memory/limiter_clock.h"
#include "stores/memory/mapping.h"

namespace tollgate::stores {

struct SnapshotHeader {
  std::uint64_t pair = 0;  // the same in the drain map that it belongs to
  ClockStamp stamp;
};

enum class StoredKind : std::uint32_t { bucket = 0, overflow = 1 };

// Streams: the number of buckets need not be known before. Not thread-safe.
class SnapshotWriter {
 public:
  static Result<SnapshotWriter> create(const std::string& path, const SnapshotHeader& header);
  Result<void> add(const StoredBucket& bucket, StoredKind kind);
  // Makes it durable and puts it in place of the old file. Without this nothing has happened.
  Result<void> finish();

 private:
  SnapshotWriter(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  Result<void> flush();

  std::string path_;
  UniqueFd fd_;
  std::string buffer_;
  std::uint64_t count_ = 0;
  std::uint32_t crc_ = 0;
};

class SnapshotFile {
 public:
  // Fails with io_failed when it cannot be read, with store_corrupt when any byte of it is wrong.
  static Result<SnapshotFile> open(const std::string& path);

  const SnapshotHeader& header() const { return header_; }
  std::size_t size() const { return count_; }
  StoredBucket bucket(std::size_t index) const;
  StoredKind kind(std::size_t index) const;

 private:
  explicit SnapshotFile(Mapping mapping) : mapping_(std::move(mapping)) {}
  Result<void> verify(const std::string& path);
  std::string_view bytes() const { return {static_cast<const char*>(mapping_.start()), mapping_.bytes()}; }

  Mapping mapping_;
  SnapshotHeader header_;
  std::size_t count_ = 0;
};

}  // namespace tollgate::stores
