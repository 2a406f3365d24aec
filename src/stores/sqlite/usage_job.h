// One piece of work on chunks: those of one level become fewer ones of it, and part of the next.
//
// The work is done on chunks that never change, without the writer's lock; what it comes to is put in force in the
// transaction that marks the inputs folded, or replaces them. What is too much for one transaction is written before,
// where no question sees it.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "core/usage/chunk_merge.h"
#include "stores/sqlite/usage_chunks.h"
#include "stores/sqlite/usage_levels.h"
#include "stores/sqlite/usage_writer.h"

namespace tollgate::stores {

struct UsageJob {
  std::size_t level = 0;
  std::vector<StoredChunk> rewritten;  // are replaced by fewer chunks of their level
  std::vector<StoredChunk> staying;    // stay as they are
  bool folds = false;                  // both become part of the next level
  std::vector<StoredChunk> targets;    // of the next level, which they are merged into: replaced as well
  std::int64_t oldest = 0;             // rows of older buckets are left out of what is rewritten
};

// How a writer is shared: by whoever holds the lock.
struct SharedWriter {
  std::mutex& lock;
  UsageWriter& writer;
  // In a transaction of its own.
  Result<void> change(const std::function<Result<void>(ChunkSink&)>& change) const;
};

// Thread safety: one thread at a time. `source` reads by a connection of its own.
class UsageJobs {
 public:
  UsageJobs(ChunkSource& source, SharedWriter writer, DamagedChunks& damaged)
      : source_(source), writer_(writer), damaged_(damaged) {}

  // All of it or nothing. store_corrupt: a chunk is damaged, and noted as such.
  Result<void> run(const UsageJob& job);

 private:
  struct Output {
    ChunkSink::Place place;
    core::Chunk chunk;
  };
  // What a job has come to so far.
  struct Outputs {
    std::vector<Output> waiting;
    std::size_t waiting_bytes = 0;
    std::vector<std::int64_t> written;  // not in force yet
    std::int64_t left_out_end = 0;      // rows of buckets before this were left out
  };
  enum class Role : std::uint8_t { rewritten, staying, target };

  Result<void> merge(const UsageJob& job, Outputs& outputs);
  core::ChunkMerge::Run run_of(std::vector<StoredChunk> chunks, Role role);
  Result<void> put(Outputs& outputs, Output output);
  Result<void> write_waiting(Outputs& outputs);
  Result<void> put_in_force(const UsageJob& job, Outputs& outputs);

  ChunkSource& source_;
  SharedWriter writer_;
  DamagedChunks& damaged_;
};

// Chunks one after the other whose keys ascend: in order as if they were one.
std::vector<std::vector<StoredChunk>> in_runs(std::vector<StoredChunk> chunks);

}  // namespace tollgate::stores
