#include "stores/sqlite/usage_writer.h"

#include <algorithm>

#include "base/str.h"
#include "stores/sqlite/transaction.h"
#include "stores/sqlite/usage_convert.h"
#include "stores/sqlite/usage_everyone.h"
#include "stores/sqlite/usage_levels.h"
#include "stores/sqlite/usage_rows.h"

namespace tollgate::stores {

using core::RollupCounts;
using ports::EventPost;
using ports::IngestAck;
using ports::PostAck;
using ports::RecordBatch;

namespace {

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

core::BatchClock clock_at(WallTime now) {
  return {.now = now, .earliest = now - kUsageLatest, .latest = now + Seconds(UsageRecent::kAheadSeconds)};
}

Error bad_batch(std::string_view why) {
  return Error(codes::invalid_document, str::cat("batch: ", why));
}

}  // namespace

Result<UsageWriter> UsageWriter::open(const std::string& path, UsageNames& names, UsageRecent& recent,
                                      const Options& options) {
  TG_TRY(auto database, Database::open(path, {.migrations = usage_migrations(), .busy_timeout = options.busy_timeout}));
  TG_TRY(auto sink, ChunkSink::open(database));
  if (auto done = convert_rows_to_chunks(database, sink); !done) return std::unexpected(std::move(done).error());
  if (auto done = add_rows_of_everyone(database, sink); !done) return std::unexpected(std::move(done).error());
  if (auto done = sink.retire_unfinished(); !done) return std::unexpected(std::move(done).error());
  TG_TRY(auto posts, UsagePosts::open(database));
  TG_TRY(auto add_grand_total, database.prepare(kAddGrandTotal));
  TG_TRY(auto add_clamped, database.prepare("UPDATE clamped SET past = past + ?1, future = future + ?2"));
  TG_TRY(auto add_name, database.prepare("INSERT INTO name VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"));
  TG_TRY(auto find_ring, database.prepare("SELECT stored_through FROM ring WHERE ring_id = ?1"));
  TG_TRY(auto put_ring, database.prepare(kPutRing));
  UsageWriter writer(std::move(database), std::move(sink), std::move(posts),
                     {.add_grand_total = std::move(add_grand_total),
                      .add_clamped = std::move(add_clamped),
                      .add_name = std::move(add_name),
                      .find_ring = std::move(find_ring),
                      .put_ring = std::move(put_ring)},
                     names, recent);
  if (auto loaded = writer.load_memory(options.now); !loaded) return std::unexpected(std::move(loaded).error());
  return writer;
}

Result<void> UsageWriter::load_memory(WallTime now) {
  TG_TRY(auto totals, database_.prepare("SELECT requests, allowed, rate_limited, unauthorized, errors, bytes_in, "
                                        "bytes_out, cost, past, future FROM grand_total, clamped"));
  UsageTotals all;
  auto done = totals.each([&](const Statement& row) {
    all = {.counts = read_counts(row, 0),
           .clamped = {.past = row.unsigned_integer(8), .future = row.unsigned_integer(9)}};
  });
  if (!done) return done;
  recent_->reset(all);

  TG_TRY(auto names, database_.prepare("SELECT kind, ref, text FROM name"));
  done = names.each([&](const Statement& row) {
    names_->add({static_cast<core::NameKind>(row.integer(0)), static_cast<core::NameRef>(row.integer(1)),
                 std::string(row.text(2))});
  });
  if (!done) return done;
  done = load_seconds(second_of(now));
  memory_is_stale_ = !done;
  return done;
}

// A chunk that is damaged is left out: whoever asks for its rows is told.
Result<void> UsageWriter::load_seconds(std::int64_t now) {
  TG_TRY(auto source, ChunkSource::open(database_));
  const std::int64_t from = now - UsageRecent::kWindowSeconds + 1;
  TG_TRY(const auto chunks, source.find({.level = kSecondLevel, .also_folded = true, .from = from}));
  for (const StoredChunk& chunk : chunks) {
    auto read = source.read(chunk.id, [&](std::string_view bytes) {
      auto reader = core::ChunkReader::open(bytes, {.latency = true});
      core::RollupRow row;
      while (reader && reader->next(row)) {
        if (row.key.bucket() >= from) recent_->add_row(row, now);
      }
    });
    if (!read) return std::unexpected(std::move(read).error());
  }
  return {};
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
  if (!batch.aggregate && batch.records.empty()) return IngestAck{.stored_through = through};
  const std::uint64_t first = batch.aggregate ? batch.aggregate->first : batch.records.front().sequence;
  if (batch.lost_before > first) return std::unexpected(bad_batch("more was lost than there was"));
  if (first - batch.lost_before > through) {
    return fail(codes::conflict, str::cat("this ring goes on at sequence ", through, ", not at ", first));
  }
  return batch.aggregate ? ingest_counts(batch, through, now) : ingest_records(batch, through, now);
}

Result<IngestAck> UsageWriter::ingest_records(const RecordBatch& batch, std::uint64_t through, WallTime now) {
  IngestAck ack{.stored_through = through};
  const std::uint64_t first = batch.records.front().sequence;
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    if (batch.records[i].sequence != first + i) return std::unexpected(bad_batch("the records are not in sequence"));
  }
  ack.known = std::min<std::uint64_t>(through - std::min(first, through), batch.records.size());
  ack.added = batch.records.size() - ack.known;
  if (ack.added == 0) return ack;

  Additions add = additions_of(batch, ack.known, now);
  add.lost = first > through ? first - through : 0;
  if (auto done = commit(add, now); !done) return std::unexpected(std::move(done).error());
  ack.stored_through = add.through;
  return ack;
}

// Rows of minutes go where minutes are: a question about seconds does not see them, all others do.
Result<IngestAck> UsageWriter::ingest_counts(const RecordBatch& batch, std::uint64_t through, WallTime now) {
  const core::Aggregate& counts = *batch.aggregate;
  if (counts.end <= through) return IngestAck{.stored_through = through, .added = 0, .known = counts.requests};
  // Nobody can say which of them are known.
  if (counts.first < through) {
    return fail(codes::conflict, str::cat("this ring is stored up to ", through, ", which is within these counts"));
  }
  auto sum = core::sum_up(counts, clock_at(now), kUsageLevels[kMinuteLevel].window);
  if (!sum) return std::unexpected(bad_batch(sum.error().detail()));
  if (sum->all.requests != counts.requests) return std::unexpected(bad_batch("the rows are not what they come to"));
  const Additions add{.ring_id = batch.ring_id,
                      .through = counts.end,
                      .lost = counts.first - through + counts.lost(),
                      .names = names_->new_among(batch.names),
                      .level = kMinuteLevel,
                      .sum = *std::move(sum)};
  if (auto done = commit(add, now); !done) return std::unexpected(std::move(done).error());
  return IngestAck{.stored_through = counts.end, .added = counts.requests};
}

UsageWriter::Additions UsageWriter::additions_of(const RecordBatch& batch, std::size_t known, WallTime now) const {
  return {.ring_id = batch.ring_id,
          .through = batch.records.back().sequence + 1,
          .lost = 0,
          .names = names_->new_among(batch.names),
          .level = kSecondLevel,
          .sum = core::sum_up(std::span(batch.records).subspan(known), clock_at(now))};
}

Result<void> UsageWriter::commit(const Additions& add, WallTime now) {
  auto stored = [&]() -> Result<void> {
    TG_TRY(auto transaction, Transaction::begin(database_));
    if (auto done = store(add, now); !done) return done;
    return transaction.commit();
  }();
  if (stored) {
    note(add, now);
  } else {
    // A commit that failed may have happened all the same; what is in memory is read again before it is added to.
    memory_is_stale_ = true;
  }
  return stored;
}

void UsageWriter::note(const Additions& add, WallTime now) {
  for (const core::NameDefinition& name : add.names) names_->add(name);
  recent_->add(add.sum, second_of(now));
}

Result<PostAck> UsageWriter::post(const EventPost& post, WallTime now) {
  if (memory_is_stale_) {
    if (auto loaded = load_memory(now); !loaded) return std::unexpected(std::move(loaded).error());
  }
  // Everything that tells a repetition is read and written in the transaction that counts.
  TG_TRY(auto transaction, Transaction::begin(database_));
  if (post.mark) {
    TG_TRY(const auto before, posts_.find(*post.mark, now));
    if (before) return PostAck{.added = {}, .known = *before, .repeated = true};
    auto noted = posts_.note(*post.mark, post.records.size(), now);
    if (!noted) return std::unexpected(std::move(noted).error());
  }
  TG_TRY(RecordBatch batch, new_among(post, now));
  PostAck ack{.added = std::move(batch), .known = 0};
  ack.known = post.records.size() - ack.added.records.size();
  if (ack.added.records.empty()) {
    auto done = transaction.commit();
    return done ? Result<PostAck>(std::move(ack)) : std::unexpected(std::move(done).error());
  }
  const Additions add = additions_of(ack.added, 0, now);
  auto done = store(add, now);
  if (done) done = posts_.forget_below(confirmed_through_);
  if (done) done = posts_.keep(ack.added);
  if (done) done = transaction.commit();
  if (!done) {
    memory_is_stale_ = true;
    return std::unexpected(std::move(done).error());
  }
  note(add, now);
  return ack;
}

Result<RecordBatch> UsageWriter::new_among(const EventPost& post, WallTime now) {
  RecordBatch batch{.ring_id = posts_.ring_id(), .names = post.names, .records = {}};
  TG_TRY(std::uint64_t next, stored_through(batch.ring_id));
  for (std::size_t i = 0; i < post.records.size(); ++i) {
    bool is_new = true;
    if (i < post.ids.size() && post.ids[i]) {
      TG_TRY(is_new, posts_.note_event(*post.ids[i], now));
    }
    if (!is_new) continue;
    batch.records.push_back(post.records[i]);
    batch.records.back().sequence = next++;
  }
  return batch;
}

Result<void> UsageWriter::store(const Additions& add, WallTime now) {
  for (const core::NameDefinition& name : add.names) {
    auto added = statements_.add_name.run(static_cast<std::uint8_t>(name.kind), name.ref, std::string_view(name.name));
    if (!added) return added;
  }
  for (const core::Chunk& chunk : add.sum.chunks) {
    auto put = sink_.put({.level = add.level, .state = ChunkState::in_force, .folded = false}, chunk);
    if (!put) return std::unexpected(std::move(put).error());
  }
  const RollupCounts& n = add.sum.all;
  auto added = statements_.add_grand_total.run(n.requests, n.allowed, n.rate_limited, n.unauthorized, n.errors,
                                               n.bytes_in, n.bytes_out, n.cost);
  if (!added) return added;
  if (add.sum.clamped_past + add.sum.clamped_future > 0) {
    auto clamped = statements_.add_clamped.run(add.sum.clamped_past, add.sum.clamped_future);
    if (!clamped) return clamped;
  }
  return statements_.put_ring.run(add.ring_id, add.through, add.lost, now);
}

}  // namespace tollgate::stores
