// An analytics and a disk that fail when told to. For tests of this folder; single-threaded except where said.
#pragma once

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/str.h"
#include "ports/usage_store.h"
#include "stores/segments/io.h"

namespace tollgate::stores {

// Keeps what it is given, by the rules of ports::UsageIngest. Thread safety: all methods from any thread.
class MemoryIngest final : public ports::UsageIngest {
 public:
  struct RingRecords {
    std::uint64_t through = 0;
    std::uint64_t lost = 0;
    std::map<std::uint64_t, core::DecisionRecord> records;
  };

  Result<ports::IngestAck> ingest(const ports::RecordBatch& batch) override {
    const std::scoped_lock lock(mutex_);
    if (refuse_ > 0 && refuse_-- > 0) return fail(codes::store_unavailable, "told to");
    RingRecords& ring = rings_[batch.ring_id];
    ports::IngestAck ack{.stored_through = ring.through};
    if (batch.records.empty()) return ack;
    const std::uint64_t first = batch.records.front().sequence;
    if (first - batch.lost_before > ring.through) return fail(codes::conflict, str::cat("go on at ", ring.through));
    if (first > ring.through) ring.lost += first - ring.through;
    for (const core::DecisionRecord& record : batch.records) {
      if (record.sequence >= ring.through) {
        ring.records.emplace(record.sequence, record);
        ++ack.added;
      } else {
        ++ack.known;
        ++known_;
      }
    }
    for (const core::NameDefinition& name : batch.names) names_[{name.kind, name.ref}] = name.name;
    ring.through = std::max(ring.through, batch.records.back().sequence + 1);
    ack.stored_through = ring.through;
    ++batches_;
    if (lose_ack_ > 0 && lose_ack_-- > 0) return fail(codes::store_unavailable, "the ack was lost");
    return ack;
  }

  void refuse_next(std::uint64_t batches) { set(refuse_, batches); }
  void lose_next_acks(std::uint64_t batches) { set(lose_ack_, batches); }
  void forget_everything() {
    const std::scoped_lock lock(mutex_);
    rings_.clear();
  }
  std::map<std::uint64_t, RingRecords> rings() const {
    const std::scoped_lock lock(mutex_);
    return rings_;
  }
  std::uint64_t count() const {
    const std::scoped_lock lock(mutex_);
    std::uint64_t total = 0;
    for (const auto& [id, ring] : rings_) total += ring.records.size();
    return total;
  }
  std::uint64_t batches() const {
    const std::scoped_lock lock(mutex_);
    return batches_;
  }
  std::uint64_t known() const {
    const std::scoped_lock lock(mutex_);
    return known_;
  }
  std::string name(core::NameKind kind, core::NameRef ref) const {
    const std::scoped_lock lock(mutex_);
    const auto at = names_.find({kind, ref});
    return at == names_.end() ? "" : at->second;
  }

 private:
  void set(std::uint64_t& counter, std::uint64_t to) {
    const std::scoped_lock lock(mutex_);
    counter = to;
  }

  mutable std::mutex mutex_;
  std::map<std::uint64_t, RingRecords> rings_;
  std::map<std::pair<core::NameKind, core::NameRef>, std::string> names_;
  std::uint64_t refuse_ = 0;
  std::uint64_t lose_ack_ = 0;
  std::uint64_t batches_ = 0;
  std::uint64_t known_ = 0;
};

enum class Fault : std::uint8_t { eio, enospc, short_write, eintr };

// The kernel, except that calls `first` … `first + count - 1` (counted from 0) meet a fault, and that one file may have
// a place that cannot be read.
class FaultyIo final : public Io {
 public:
  void fail_calls(Fault fault, std::uint64_t first, std::uint64_t count = 1) {
    fault_ = fault;
    first_ = calls_ + first;
    end_ = first_ + count;
  }
  // Its bytes from `offset` on.
  void make_unreadable(std::string path, std::uint64_t offset) {
    unreadable_path_ = std::move(path);
    unreadable_from_ = offset;
  }
  // Until a file is removed.
  void fill_disk() { full_ = true; }
  void heal() {
    first_ = end_ = 0;
    full_ = false;
    unreadable_path_.clear();
  }
  std::uint64_t calls() const { return calls_; }

  int open(const std::string& path, int flags) override {
    if (hit()) return failed();
    if (full_ && (flags & O_CREAT) != 0) return failed_with(ENOSPC);
    const int fd = system_io().open(path, flags);
    if (fd >= 0) paths_[fd] = path;
    return fd;
  }
  ssize_t write(int fd, std::string_view bytes) override {
    if (full_) return failed_with(ENOSPC);
    if (!hit()) return system_io().write(fd, bytes);
    if (fault_ == Fault::eintr) return failed();
    // Full disks and dying ones take some of it first.
    const ssize_t some = system_io().write(fd, bytes.substr(0, (bytes.size() + 1) / 2));
    return fault_ == Fault::short_write ? some : failed();
  }
  ssize_t pread(int fd, std::span<char> out, std::uint64_t offset) override {
    if (paths_[fd] == unreadable_path_) {
      if (offset >= unreadable_from_) return failed_with(EIO);
      out = out.first(std::min<std::uint64_t>(out.size(), unreadable_from_ - offset));
    }
    if (!hit()) return system_io().pread(fd, out, offset);
    if (fault_ == Fault::short_write) return system_io().pread(fd, out.first((out.size() + 1) / 2), offset);
    return failed();
  }
  int fdatasync(int fd) override {
    return hit() && fault_ != Fault::short_write ? failed() : system_io().fdatasync(fd);
  }
  int ftruncate(int fd, std::uint64_t size) override {
    return hit() && fault_ != Fault::short_write ? failed() : system_io().ftruncate(fd, size);
  }
  int unlink(const std::string& path) override {
    if (hit() && fault_ != Fault::short_write) return failed();
    const int unlinked = system_io().unlink(path);
    if (unlinked == 0) full_ = false;
    return unlinked;
  }

 private:
  bool hit() {
    const std::uint64_t call = calls_++;
    return call >= first_ && call < end_;
  }
  int failed() { return failed_with(fault_ == Fault::enospc ? ENOSPC : fault_ == Fault::eintr ? EINTR : EIO); }
  static int failed_with(int error) {
    errno = error;
    return -1;
  }

  Fault fault_ = Fault::eio;
  std::uint64_t first_ = 0, end_ = 0, calls_ = 0;
  bool full_ = false;
  std::string unreadable_path_;
  std::uint64_t unreadable_from_ = 0;
  std::map<int, std::string> paths_;
};

// A record whose every part follows from one number, so that a wrong one is seen.
inline core::DecisionRecord numbered_record(std::uint64_t number) {
  core::DecisionRecord record;
  record.request_id = number;
  record.time_ns = static_cast<std::int64_t>(number * 1'000'003);
  record.bytes_in = number * 31;
  record.bytes_out = number * 37;
  record.total_us = static_cast<std::uint32_t>(number * 41);
  record.status = static_cast<std::uint16_t>(200 + number % 300);
  return record;
}

// Whether it is one of those, whole, whatever its sequence.
inline bool is_numbered(core::DecisionRecord record) {
  core::DecisionRecord expected = numbered_record(record.request_id);
  expected.sequence = record.sequence;
  return std::memcmp(&expected, &record, sizeof(record)) == 0;
}

}  // namespace tollgate::stores
