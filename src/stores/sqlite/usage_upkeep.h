// What keeps usage.db in shape: folds chunks into those of the next level, merges small ones, sets damaged ones aside,
// and deletes what is past its retention. Each chunk is folded once.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "stores/sqlite/usage_chunks.h"
#include "stores/sqlite/usage_job.h"
#include "stores/sqlite/usage_levels.h"
#include "stores/sqlite/usage_space.h"

namespace tollgate::stores {

// Thread safety: all methods from any thread, one at a time is at work.
class UsageUpkeep {
 public:
  static Result<std::unique_ptr<UsageUpkeep>> open(const std::string& path, SharedWriter writer, DamagedChunks& damaged,
                                                   const UsageOptions& options);

  // One piece of work that is due; false: there was none. store_corrupt says that a chunk was set aside; the next call
  // goes on without it.
  Result<bool> step(WallTime now);
  // All that is due, and what is past its retention is deleted. Returns rows deleted.
  Result<std::uint64_t> expire(WallTime now);
  ports::UsageStorage storage() const { return space_.stats(); }

 private:
  UsageUpkeep(Database database, ChunkSource source, SharedWriter writer, DamagedChunks& damaged,
              const UsageOptions& options)
      : database_(std::move(database)),
        source_(std::move(source)),
        writer_(writer),
        damaged_(damaged),
        kept_(options.kept),
        jobs_(source_, writer, damaged),
        space_(database_, writer, options.max_bytes) {}

  Result<bool> fold_or_merge(std::int64_t now);
  Result<void> set_damaged_aside();
  Result<bool> is_damaged(const StoredChunk& chunk);
  Result<std::uint64_t> delete_retired();
  Result<bool> forget_posts(WallTime now);
  Result<bool> fold_due(std::size_t level, std::int64_t now);
  Result<void> fold(std::size_t level, std::vector<StoredChunk> chunks, std::int64_t now);
  Result<bool> merge_small(std::size_t level, std::int64_t now);
  // Those that merging is for.
  Result<std::vector<StoredChunk>> small_among(std::span<const StoredChunk> chunks);
  Result<std::uint64_t> retire_expired(std::int64_t now);
  Result<std::uint64_t> retire(std::size_t level, std::span<const StoredChunk> oldest);
  Result<bool> make_room();

  std::mutex mutex_;
  Database database_;  // reads only
  ChunkSource source_;
  SharedWriter writer_;
  DamagedChunks& damaged_;
  const UsageRetention kept_;
  UsageJobs jobs_;
  UsageSpace space_;
  std::int64_t expiry_minute_ = -1;
  std::int64_t look_minute_ = -1;
  std::array<bool, kEverLevel> look_{};                          // at this level again, before the next minute
  std::array<std::int64_t, kEverLevel> folded_{-1, -1, -1, -1};  // the span before which all was folded
};

}  // namespace tollgate::stores
