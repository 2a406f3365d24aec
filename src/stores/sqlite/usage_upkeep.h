// What keeps usage.db in shape: folds chunks into those of the next level, merges small ones, sets damaged ones aside,
// and deletes what is past its retention.
//
// Each chunk is folded once: what it becomes is put in force in the transaction that marks it folded, or replaces it.
// The work between is done on chunks that never change, without the writer's lock; the transactions are small.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/usage/chunk_merge.h"
#include "stores/sqlite/usage_chunks.h"
#include "stores/sqlite/usage_levels.h"
#include "stores/sqlite/usage_writer.h"

namespace tollgate::stores {

// Thread safety: all methods from any thread, one at a time is at work. `writing` guards `writer`.
class UsageUpkeep {
 public:
  static Result<std::unique_ptr<UsageUpkeep>> open(const std::string& path, std::mutex& writing, UsageWriter& writer,
                                                   DamagedChunks& damaged);

  // One piece of work that is due; false: there was none. store_corrupt says that a chunk was set aside; the next call
  // goes on without it.
  Result<bool> step(WallTime now);
  // All that is due, and what is past its retention is deleted. Returns rows deleted.
  Result<std::uint64_t> expire(WallTime now);

 private:
  // Chunks of one level that become others.
  struct Job {
    std::size_t level = 0;
    std::vector<StoredChunk> inputs;
    std::vector<StoredChunk> targets;  // of the next level, which the inputs are merged into
    bool rewrites = false;             // the inputs are replaced by fewer chunks of their level
    bool folds = false;                // and become part of the next level
  };
  struct Output {
    ChunkSink::Place place;
    core::Chunk chunk;
  };
  // What a job has come to so far.
  struct Outputs {
    std::vector<Output> waiting;
    std::size_t waiting_bytes = 0;
    std::vector<std::int64_t> written;  // not in force yet
  };

  UsageUpkeep(Database database, ChunkSource source, std::mutex& writing, UsageWriter& writer, DamagedChunks& damaged)
      : database_(std::move(database)),
        source_(std::move(source)),
        writing_(writing),
        writer_(writer),
        damaged_(damaged) {}

  Result<bool> fold_or_merge(std::int64_t now);
  Result<void> set_damaged_aside();
  Result<bool> is_damaged(const StoredChunk& chunk);
  Result<std::uint64_t> delete_retired();
  Result<bool> fold_due(std::size_t level, std::int64_t now);
  Result<bool> merge_small(std::size_t level, std::int64_t now);
  Result<std::uint64_t> retire_expired(std::int64_t now);

  Result<void> run(const Job& job, std::int64_t now);
  Result<void> merge(const Job& job, std::int64_t now, Outputs& outputs);
  std::vector<core::ChunkMerge::Run> runs_of(const Job& job);
  core::ChunkMerge::Run run_of(std::vector<StoredChunk> chunks, bool is_target);
  Result<void> put(Outputs& outputs, Output output);
  Result<void> write_waiting(Outputs& outputs);
  Result<void> put_in_force(const Job& job, Outputs& outputs);
  Result<void> in_transaction(const std::function<Result<void>(ChunkSink&)>& change);

  std::mutex mutex_;
  Database database_;  // reads only
  ChunkSource source_;
  std::mutex& writing_;
  UsageWriter& writer_;
  DamagedChunks& damaged_;
  std::int64_t expiry_minute_ = -1;
  std::int64_t look_minute_ = -1;
  std::array<bool, kEverLevel> look_{};                          // at this level again, before the next minute
  std::array<std::int64_t, kEverLevel> folded_{-1, -1, -1, -1};  // the span before which all was folded
};

}  // namespace tollgate::stores
