// The one connection that writes usage.db: takes batches in, each in one transaction with the mark up to which its ring
// is stored, so that a batch counts once however often it comes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "core/usage/batch_sum.h"
#include "ports/usage_store.h"
#include "stores/sqlite/database.h"
#include "stores/sqlite/usage_chunks.h"
#include "stores/sqlite/usage_names.h"
#include "stores/sqlite/usage_posts.h"
#include "stores/sqlite/usage_recent.h"

namespace tollgate::stores {

// A record older than this is taken for one of then: bills of the past are not to change for ever.
inline constexpr std::chrono::days kUsageLatest{7};

// Generated from migrations/sqlite/usage/.
std::span<const Migration> usage_migrations();

// Thread safety: one thread at a time. `names` and `recent` are brought up to date after each commit.
class UsageWriter {
 public:
  struct Options {
    WallTime now{};
    Millis busy_timeout{5000};  // how long it waits for another process that has the file locked
  };
  static Result<UsageWriter> open(const std::string& path, UsageNames& names, UsageRecent& recent,
                                  const Options& options);

  Result<ports::IngestAck> ingest(const ports::RecordBatch& batch, WallTime now);
  Result<ports::PostAck> post(const ports::EventPost& post, WallTime now);
  // See ports::PostStore.
  Result<std::vector<ports::RecordBatch>> unconfirmed() { return posts_.kept(); }
  void confirm(std::uint64_t through) { confirmed_through_ = through; }

  // For whoever rearranges what is stored.
  Database& database() { return database_; }
  ChunkSink& chunks() { return sink_; }
  UsagePosts& posts() { return posts_; }

 private:
  struct Statements {
    Statement add_grand_total;
    Statement add_clamped;
    Statement add_name;
    Statement find_ring;
    Statement put_ring;
  };
  // What a batch adds.
  struct Additions {
    std::uint64_t ring_id = 0;
    std::uint64_t through = 0;  // up to where the ring is stored with it
    std::uint64_t lost = 0;     // sequences up to there of which nothing came
    std::vector<core::NameDefinition> names;
    std::size_t level = 0;  // of its chunks
    core::BatchSum sum;
  };

  UsageWriter(Database database, ChunkSink sink, UsagePosts posts, Statements statements, UsageNames& names,
              UsageRecent& recent)
      : database_(std::move(database)),
        sink_(std::move(sink)),
        posts_(std::move(posts)),
        statements_(std::move(statements)),
        names_(&names),
        recent_(&recent) {}

  Result<void> load_memory(WallTime now);
  Result<void> load_seconds(std::int64_t now);
  Result<std::uint64_t> stored_through(std::uint64_t ring_id);
  Result<ports::IngestAck> ingest_records(const ports::RecordBatch& batch, std::uint64_t through, WallTime now);
  Result<ports::IngestAck> ingest_counts(const ports::RecordBatch& batch, std::uint64_t through, WallTime now);
  Additions additions_of(const ports::RecordBatch& batch, std::size_t known, WallTime now) const;
  Result<void> commit(const Additions& add, WallTime now);
  // Within a transaction, and then, after its commit, what is in memory.
  Result<void> store(const Additions& add, WallTime now);
  void note(const Additions& add, WallTime now);
  Result<ports::RecordBatch> new_among(const ports::EventPost& post, WallTime now);

  Database database_;
  ChunkSink sink_;
  UsagePosts posts_;
  Statements statements_;
  UsageNames* names_;
  UsageRecent* recent_;
  bool memory_is_stale_ = false;
  std::uint64_t confirmed_through_ = 0;  // of the events' ring
};

}  // namespace tollgate::stores
