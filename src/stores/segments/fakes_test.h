// An analytics that fails when told to. For tests of this folder.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/str.h"
#include "ports/usage_store.h"
#include "tests/support/faulty_io.h"

namespace tollgate::stores {

using testing::Fault;
using testing::FaultyIo;

// Keeps what it is given, by the rules of ports::UsageIngest. Thread safety: all methods from any thread.
class MemoryIngest final : public ports::UsageIngest {
 public:
  struct RingRecords {
    std::uint64_t through = 0;
    std::uint64_t lost = 0;
    std::map<std::uint64_t, core::DecisionRecord> records;
    std::map<std::uint64_t, core::Aggregate> counts;  // by first sequence
  };

  Result<ports::IngestAck> ingest(const ports::RecordBatch& sent) override {
    const std::scoped_lock lock(mutex_);
    if (refuse_ > 0 && refuse_-- > 0) return fail(codes::store_unavailable, "told to");
    // As it travels between two machines.
    const auto received = core::decode_batch(core::encode_batch(sent));
    TG_ASSERT(received.has_value());
    const ports::RecordBatch& batch = *received;
    RingRecords& ring = rings_[batch.ring_id];
    if (!batch.aggregate && batch.records.empty()) return ports::IngestAck{.stored_through = ring.through};
    const std::uint64_t first = batch.aggregate ? batch.aggregate->first : batch.records.front().sequence;
    if (first - batch.lost_before > ring.through) return fail(codes::conflict, str::cat("go on at ", ring.through));
    auto ack = batch.aggregate ? take_counts(ring, *batch.aggregate) : take_records(ring, batch.records);
    if (!ack) return ack;
    for (const core::NameDefinition& name : batch.names) names_[{name.kind, name.ref}] = name.name;
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
  // Requests of which it has counts only.
  std::uint64_t counted() const {
    const std::scoped_lock lock(mutex_);
    std::uint64_t total = 0;
    for (const auto& [id, ring] : rings_) {
      for (const auto& [first, counts] : ring.counts) total += counts.requests;
    }
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
  Result<ports::IngestAck> take_records(RingRecords& ring, const std::vector<core::DecisionRecord>& records) {
    ports::IngestAck ack;
    const std::uint64_t first = records.front().sequence;
    if (first > ring.through) ring.lost += first - ring.through;
    for (const core::DecisionRecord& record : records) {
      if (record.sequence >= ring.through) {
        ring.records.emplace(record.sequence, record);
        ++ack.added;
      } else {
        ++ack.known;
        ++known_;
      }
    }
    ack.stored_through = ring.through = std::max(ring.through, records.back().sequence + 1);
    return ack;
  }
  static Result<ports::IngestAck> take_counts(RingRecords& ring, const core::Aggregate& counts) {
    if (counts.end <= ring.through) {
      return ports::IngestAck{.stored_through = ring.through, .added = 0, .known = counts.requests};
    }
    if (counts.first < ring.through) return fail(codes::conflict, str::cat("go on at ", ring.through));
    ring.lost += counts.first - ring.through + counts.lost();
    ring.through = counts.end;
    ring.counts.emplace(counts.first, counts);
    return ports::IngestAck{.stored_through = ring.through, .added = counts.requests};
  }
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

// A record whose every part follows from one number, so that a wrong one is seen.
inline core::DecisionRecord numbered_record(std::uint64_t number) {
  core::DecisionRecord record;
  record.request_id = number;
  record.time_ns = static_cast<std::int64_t>(number * 1'000'000'003);
  record.bytes_in = number * 31;
  record.bytes_out = number * 37;
  record.total_us = static_cast<std::uint32_t>(number * 41);
  record.status = static_cast<std::uint16_t>(200 + number % 300);
  record.key = number % 5;
  record.cost = static_cast<std::uint32_t>(number % 7);
  return record;
}

// Whether it is one of those, whole, whatever its sequence and the names it refers to.
inline bool is_numbered(core::DecisionRecord record) {
  core::DecisionRecord expected = numbered_record(record.request_id);
  expected.sequence = record.sequence;
  expected.route = record.route;
  expected.tier = record.tier;
  expected.consumer = record.consumer;
  expected.limits = record.limits;
  return std::memcmp(&expected, &record, sizeof(record)) == 0;
}

}  // namespace tollgate::stores
