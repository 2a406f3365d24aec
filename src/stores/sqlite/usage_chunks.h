// The tables chunk, chunk_data and level_floor: writing, finding and reading chunks, and what is not kept any more.
#pragma once

#include <cstdint>
#include <limits>
#include <mutex>
#include <string_view>
#include <vector>

#include "core/usage/chunk.h"
#include "stores/sqlite/database.h"
#include "stores/sqlite/usage_levels.h"

namespace tollgate::stores {

enum class ChunkState : std::uint8_t { being_written = 0, in_force = 1, retired = 2, damaged = 3 };

struct StoredChunk {
  std::int64_t id = 0;
  std::size_t level = 0;
  bool folded = false;
  core::ChunkInfo info;
};

// So few rows, and of so few bytes, that many such chunks in one window are better one. Rows of many clients fill a
// chunk long before they are many; what the writer takes for full is a few times this.
inline constexpr std::uint64_t kSmallChunkRows = 2048;
inline constexpr std::uint64_t kSmallChunkBytes = core::kChunkBytesMax / 8;

// Which chunks in force: those of `level` that can have rows with from ≤ bucket < to and keys in key_min … key_max.
struct ChunkQuery {
  std::size_t level = 0;
  bool also_folded = false;
  std::int64_t from = 0;
  std::int64_t to = std::numeric_limits<std::int64_t>::max();
  std::uint64_t key_min = 0;
  std::uint64_t key_max = core::kEveryone;
};

// Thread safety: as the connection it was made from.
class ChunkSource {
 public:
  static Result<ChunkSource> open(Database& database);

  // In the order in which they were written. For kEveryone alone there is an index.
  Result<std::vector<StoredChunk>> find(const ChunkQuery& query);
  // Those in force that are folded and whose last bucket is before `end`; the oldest, at most 1024.
  Result<std::vector<StoredChunk>> find_expired(std::size_t level, std::int64_t end);
  // The window of `level` with the most chunks that are folded and small; how many.
  struct SmallChunks {
    std::int64_t window = 0;
    std::uint64_t count = 0;
    bool operator==(const SmallChunks&) const = default;
  };
  Result<SmallChunks> find_small(std::size_t level);
  Result<UsageFloors> floors();
  Result<std::uint64_t> bytes_of(std::int64_t id);
  // Calls `visit(bytes)`; they live until it returns. False when the chunk is gone.
  template <class Visit>
  Result<bool> read(std::int64_t id, Visit&& visit) {
    bool found = false;
    auto done = statements_.data.bind(id).each([&](const Statement& row) {
      found = true;
      visit(row.blob(0));
    });
    if (!done) return std::unexpected(std::move(done).error());
    return found;
  }

 private:
  struct Statements {
    Statement find;
    Statement find_everyone;
    Statement find_expired;
    Statement find_small;
    Statement floors;
    Statement length;
    Statement data;
  };
  explicit ChunkSource(Statements statements) : statements_(std::move(statements)) {}
  Result<std::vector<StoredChunk>> list(Statement& bound, std::size_t level);

  Statements statements_;
};

// Thread safety: as the connection it was made from. Within a transaction of the caller's.
class ChunkSink {
 public:
  static Result<ChunkSink> open(Database& database);

  struct Place {
    std::size_t level = 0;
    ChunkState state = ChunkState::in_force;
    bool folded = false;
  };
  Result<std::int64_t> put(const Place& place, const core::Chunk& chunk);
  Result<void> set_state(std::int64_t id, ChunkState state);
  Result<void> mark_folded(std::int64_t id);
  // Rows of buckets before `oldest` may be missing from now on. Never goes back.
  Result<void> raise_floor(std::size_t level, std::int64_t oldest);
  // Deletes some chunks that are retired; returns how many.
  Result<std::uint64_t> delete_retired();
  // Those that a process which was killed left half-written.
  Result<void> retire_unfinished();

 private:
  struct Statements {
    Statement put;
    Statement put_data;
    Statement set_state;
    Statement mark_folded;
    Statement raise_floor;
    Statement find_retired;
    Statement remove;
    Statement remove_data;
    Statement retire_unfinished;
  };
  explicit ChunkSink(Statements statements) : statements_(std::move(statements)) {}
  Statements statements_;
};

// Chunks that somebody found to be damaged, until they are set aside. Thread safety: all methods from any thread.
class DamagedChunks {
 public:
  // The error of whoever needed it.
  Error note(const StoredChunk& chunk);
  static Error error_of(const StoredChunk& chunk);
  std::vector<StoredChunk> take();

 private:
  std::mutex mutex_;
  std::vector<StoredChunk> found_;
};

}  // namespace tollgate::stores
