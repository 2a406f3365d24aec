#include "stores/sqlite/usage_writer.h"

#include <algorithm>
#include <map>

#include "base/str.h"
#include "stores/sqlite/transaction.h"
#include "stores/sqlite/usage_functions.h"
#include "stores/sqlite/usage_rows.h"

namespace tollgate::stores {

using core::DecisionRecord;
using core::RollupCounts;
using core::RollupKey;
using core::RollupMap;
using core::RollupValue;
using ports::IngestAck;
using ports::RecordBatch;

namespace {

constexpr Seconds kSecond{1};
constexpr Seconds kMinute{60};
// A record's clock may be ahead of ours by this much; beyond, it counts as now.
constexpr Seconds kAheadMax{300};
constexpr std::uint64_t kExpiredRowsPerCall = 20'000;

constexpr std::string_view kAddRollup = R"(
  INSERT INTO rollup VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
  ON CONFLICT DO UPDATE SET
    requests = requests + excluded.requests, allowed = allowed + excluded.allowed,
    rate_limited = rate_limited + excluded.rate_limited, unauthorized = unauthorized + excluded.unauthorized,
    errors = errors + excluded.errors, bytes_in = bytes_in + excluded.bytes_in,
    bytes_out = bytes_out + excluded.bytes_out, cost = cost + excluded.cost,
    latency = merge_latency(latency, excluded.latency))";

constexpr std::string_view kAddKeyTotal = R"(
  INSERT INTO key_total VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
  ON CONFLICT DO UPDATE SET
    requests = requests + excluded.requests, allowed = allowed + excluded.allowed,
    rate_limited = rate_limited + excluded.rate_limited, unauthorized = unauthorized + excluded.unauthorized,
    errors = errors + excluded.errors, bytes_in = bytes_in + excluded.bytes_in,
    bytes_out = bytes_out + excluded.bytes_out, cost = cost + excluded.cost,
    latency = merge_latency(latency, excluded.latency), last_used_ns = max(last_used_ns, excluded.last_used_ns))";

constexpr std::string_view kAddGrandTotal = R"(
  UPDATE grand_total SET
    requests = requests + ?1, allowed = allowed + ?2, rate_limited = rate_limited + ?3,
    unauthorized = unauthorized + ?4, errors = errors + ?5, bytes_in = bytes_in + ?6, bytes_out = bytes_out + ?7,
    cost = cost + ?8)";

constexpr std::string_view kPutRing = R"(
  INSERT INTO ring VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT DO UPDATE SET stored_through = excluded.stored_through, lost = lost + excluded.lost,
    last_batch_ns = excluded.last_batch_ns)";

std::int64_t second_of(WallTime time) {
  return std::chrono::floor<Seconds>(time).time_since_epoch().count();
}

Error bad_batch(std::string_view why) {
  return Error(codes::invalid_document, str::cat("batch: ", why));
}

}  // namespace

// What one batch adds.
struct UsageWriter::Sums {
  RollupMap seconds;
  RollupMap minutes;
  RollupMap key_totals;  // bucket, tier and status_class are 0
  std::map<core::KeyId, std::int64_t> last_used_ns;
  RollupCounts all;

  void add(const DecisionRecord& record) {
    seconds.add(record, kSecond);
    std::int64_t& last = last_used_ns[record.key_id];
    last = std::max(last, record.time_ns);
  }
  void fold() {
    for (const auto& [key, value] : seconds.entries()) {
      RollupKey minute = key;
      minute.bucket -= minute.bucket % kMinute.count();
      minutes.at(minute).merge(value);
      all += value.counts;
      if (key.key.empty()) continue;
      key_totals.at({.bucket = 0, .key = key.key, .route = key.route, .tier = 0, .method = key.method}).merge(value);
    }
  }
};

Result<UsageWriter> UsageWriter::open(const std::string& path, UsageNames& names, UsageRecent& recent, WallTime now) {
  TG_TRY(auto database, Database::open(path, {.migrations = usage_migrations()}));
  if (auto registered = register_usage_functions(database); !registered) {
    return std::unexpected(std::move(registered).error());
  }
  TG_TRY(auto add_rollup, database.prepare(kAddRollup));
  TG_TRY(auto add_key_total, database.prepare(kAddKeyTotal));
  TG_TRY(auto add_grand_total, database.prepare(kAddGrandTotal));
  TG_TRY(auto add_name, database.prepare("INSERT INTO name VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"));
  TG_TRY(auto find_ring, database.prepare("SELECT stored_through FROM ring WHERE ring_id = ?1"));
  TG_TRY(auto put_ring, database.prepare(kPutRing));
  TG_TRY(auto oldest_bucket, database.prepare("SELECT min(bucket) FROM rollup WHERE width = ?1 AND bucket < ?2"));
  TG_TRY(auto delete_bucket, database.prepare("DELETE FROM rollup WHERE width = ?1 AND bucket = ?2"));
  UsageWriter writer(std::move(database),
                     {.add_rollup = std::move(add_rollup),
                      .add_key_total = std::move(add_key_total),
                      .add_grand_total = std::move(add_grand_total),
                      .add_name = std::move(add_name),
                      .find_ring = std::move(find_ring),
                      .put_ring = std::move(put_ring),
                      .oldest_bucket = std::move(oldest_bucket),
                      .delete_bucket = std::move(delete_bucket)},
                     names, recent);
  if (auto loaded = writer.load_memory(now); !loaded) return std::unexpected(std::move(loaded).error());
  return writer;
}

Result<void> UsageWriter::load_memory(WallTime now) {
  TG_TRY(auto totals, database_.prepare("SELECT requests, allowed, rate_limited, unauthorized, errors, bytes_in, "
                                        "bytes_out, cost FROM grand_total"));
  RollupCounts all;
  auto done = totals.each([&](const Statement& row) { all = read_counts(row, 0); });
  if (!done) return done;
  recent_->reset(all);

  TG_TRY(auto names, database_.prepare("SELECT kind, ref, text FROM name"));
  done = names.each([&](const Statement& row) {
    names_->add({static_cast<core::NameKind>(row.integer(0)), static_cast<core::NameRef>(row.integer(1)),
                 std::string(row.text(2))});
  });
  if (!done) return done;

  TG_TRY(auto seconds, database_.prepare("SELECT bucket, key_id, requests, latency FROM rollup "
                                         "WHERE width = 1 AND bucket > ?1"));
  seconds.bind(second_of(now) - UsageRecent::kWindowSeconds);
  done = seconds.each([&](const Statement& row) {
    RollupValue value;
    value.counts.requests = row.unsigned_integer(2);
    value.latency = core::Histogram::parse(row.blob(3)).value_or(core::Histogram{});
    recent_->add_second({.bucket = row.integer(0), .key = core::KeyId::parse(row.text(1)).value_or(core::KeyId{})},
                        value);
  });
  memory_is_stale_ = !done;
  return done;
}

Result<std::uint64_t> UsageWriter::stored_through(std::uint64_t ring_id) {
  std::uint64_t through = 0;
  auto found =
      statements_.find_ring.bind(ring_id).each([&](const Statement& row) { through = row.unsigned_integer(0); });
  if (!found) return std::unexpected(std::move(found).error());
  return through;
}

Result<IngestAck> UsageWriter::ingest(const RecordBatch& batch, WallTime now) {
  if (memory_is_stale_) {
    if (auto loaded = load_memory(now); !loaded) return std::unexpected(std::move(loaded).error());
  }
  TG_TRY(const std::uint64_t through, stored_through(batch.ring_id));
  IngestAck ack{.stored_through = through};
  if (batch.records.empty()) return ack;

  const std::uint64_t first = batch.records.front().sequence;
  if (batch.lost_before > first) return std::unexpected(bad_batch("more was lost than there was"));
  if (first - batch.lost_before > through) {
    return fail(codes::conflict, str::cat("this ring goes on at sequence ", through, ", not at ", first));
  }
  Sums sums;
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    const DecisionRecord& record = batch.records[i];
    if (record.sequence != first + i) return std::unexpected(bad_batch("the records are not in sequence"));
    if (record.sequence < through) {
      ++ack.known;
    } else if (record.time_ns > (now + kAheadMax).time_since_epoch().count()) {
      DecisionRecord clamped = record;
      clamped.time_ns = now.time_since_epoch().count();
      sums.add(clamped);
    } else {
      sums.add(record);
    }
  }
  ack.added = batch.records.size() - ack.known;
  if (ack.added == 0) return ack;
  sums.fold();

  auto stored = store(batch, sums, first > through ? first - through : 0, now);
  if (!stored) {
    // A commit that failed may have happened all the same; what is in memory is read again before it is added to.
    memory_is_stale_ = true;
    return std::unexpected(std::move(stored).error());
  }
  for (const core::NameDefinition& name : batch.names) names_->add(name);
  for (const auto& [key, value] : sums.seconds.entries()) recent_->add_second(key, value);
  recent_->add_total(sums.all);
  ack.stored_through = batch.records.back().sequence + 1;
  return ack;
}

Result<void> UsageWriter::store(const RecordBatch& batch, const Sums& sums, std::uint64_t lost, WallTime now) {
  TG_TRY(auto transaction, Transaction::begin(database_));
  for (const core::NameDefinition& name : batch.names) {
    if (names_->knows(name)) continue;
    auto added = statements_.add_name.run(static_cast<std::uint8_t>(name.kind), name.ref, std::string_view(name.name));
    if (!added) return added;
  }
  if (auto added = store_sums(sums, now); !added) return added;
  const std::uint64_t through = batch.records.back().sequence + 1;
  if (auto put = statements_.put_ring.run(batch.ring_id, through, lost, now); !put) return put;
  return transaction.commit();
}

Result<void> UsageWriter::store_sums(const Sums& sums, WallTime now) {
  // Seconds that are past keeping would only be deleted again; their minutes are kept.
  const std::int64_t oldest_second = second_of(now) - kSecondsKept.count();
  std::string latency;
  const auto add_rollup = [&](const RollupMap::Entry& entry, Seconds width) {
    const auto& [key, value] = entry;
    latency.clear();
    value.latency.serialise(latency);
    const RollupCounts& n = value.counts;
    return statements_.add_rollup.run(width.count(), key.bucket, key.key.view(), key.route, key.tier, key.method,
                                      key.status_class, n.requests, n.allowed, n.rate_limited, n.unauthorized, n.errors,
                                      n.bytes_in, n.bytes_out, n.cost, Blob{latency});
  };
  for (const auto& entry : sums.seconds.entries()) {
    if (entry.key.bucket < oldest_second) continue;
    if (auto added = add_rollup(entry, kSecond); !added) return added;
  }
  for (const auto& entry : sums.minutes.entries()) {
    if (auto added = add_rollup(entry, kMinute); !added) return added;
  }
  for (const auto& [key, value] : sums.key_totals.entries()) {
    latency.clear();
    value.latency.serialise(latency);
    const RollupCounts& n = value.counts;
    auto added = statements_.add_key_total.run(key.key.view(), key.route, key.method, n.requests, n.allowed,
                                               n.rate_limited, n.unauthorized, n.errors, n.bytes_in, n.bytes_out,
                                               n.cost, Blob{latency}, sums.last_used_ns.at(key.key));
    if (!added) return added;
  }
  const RollupCounts& n = sums.all;
  return statements_.add_grand_total.run(n.requests, n.allowed, n.rate_limited, n.unauthorized, n.errors, n.bytes_in,
                                         n.bytes_out, n.cost);
}

Result<std::uint64_t> UsageWriter::expire(WallTime now) {
  std::uint64_t deleted = 0;
  for (const auto& [width, kept] : {std::pair(kSecond, kSecondsKept), std::pair(kMinute, kMinutesKept)}) {
    // Five minutes more, so that a query for exactly the retention finds its first bucket.
    const std::int64_t end = second_of(now) - kept.count() - 300;
    while (deleted < kExpiredRowsPerCall) {
      std::optional<std::int64_t> bucket;
      auto found = statements_.oldest_bucket.bind(width.count(), end).each([&](const Statement& row) {
        if (!row.is_null(0)) bucket = row.integer(0);
      });
      if (!found) return std::unexpected(std::move(found).error());
      if (!bucket) break;
      auto removed = statements_.delete_bucket.run(width.count(), *bucket);
      if (!removed) return std::unexpected(std::move(removed).error());
      deleted += static_cast<std::uint64_t>(database_.changed_rows());
    }
  }
  return deleted;
}

}  // namespace tollgate::stores
