// Connections that answer questions about usage.db: each query takes one from a small pool, sees one state of the file
// from its first row to its last, and has five seconds.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "core/usage/chunk.h"
#include "stores/sqlite/query_deadline.h"
#include "stores/sqlite/transaction.h"
#include "stores/sqlite/usage_chunks.h"
#include "stores/sqlite/usage_levels.h"

namespace tollgate::stores {

inline constexpr Millis kUsageQueryMax{5000};

// Which rows: those whose bucket at level `finest` has from ≤ bucket < to. Where it comes to the same, coarser rows are
// read instead, up to level `coarsest`. `key` and `route` narrow it down.
struct RollupRange {
  std::size_t finest = kMinuteLevel;
  std::size_t coarsest = kDayLevel;
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::optional<core::KeyId> key;
  std::optional<core::NameRef> route;
};

// A part of a range that is read from one level, and from finer ones what is not folded into it yet.
struct RangePiece {
  std::size_t level = kMinuteLevel;
  std::int64_t from = 0;
  std::int64_t to = 0;
  bool operator==(const RangePiece&) const = default;
};
std::vector<RangePiece> pieces_of(const RollupRange& range);

// One connection with its statements. Thread safety: one thread at a time. A query beyond its time: store_unavailable;
// one that needs a damaged chunk: store_corrupt.
class UsageConnection {
 public:
  static Result<std::unique_ptr<UsageConnection>> open(const std::string& path, const Clock& clock,
                                                       DamagedChunks& damaged);

  // Calls `visit(row)` for each row, in no particular order; rows of one key may come apart.
  template <core::RowParts parts, class Visit>
  Result<void> each_row(const RollupRange& range, Visit&& visit) {
    for (const RangePiece& piece : pieces_of(range)) {
      const Wanted wanted{.piece = piece, .key = range.key.transform(core::key_number), .route = range.route};
      if (auto done = each_row_of<parts>(wanted, visit); !done) return done;
    }
    return {};
  }
  // Of all of time.
  template <core::RowParts parts, class Visit>
  Result<void> each_row_ever(const core::KeyId& key, Visit&& visit) {
    const RangePiece piece{.level = kEverLevel, .from = 0, .to = 1};
    return each_row_of<parts>({.piece = piece, .key = core::key_number(key), .route = {}}, visit);
  }

  Database& database() { return database_; }
  void start_deadline() { deadline_ = clock_.mono_now() + kUsageQueryMax; }

 private:
  struct Wanted {
    RangePiece piece;
    std::optional<std::uint64_t> key;
    std::optional<core::NameRef> route;
    bool operator()(const core::RollupKey& row) const;
  };

  UsageConnection(Database database, ChunkSource source, const Clock& clock, DamagedChunks& damaged)
      : database_(std::move(database)), source_(std::move(source)), clock_(clock), damaged_(damaged) {}
  Result<std::vector<StoredChunk>> chunks_of(const Wanted& wanted);
  Result<void> check_deadline() const;

  template <core::RowParts parts, class Visit>
  Result<void> each_row_of(const Wanted& wanted, Visit&& visit) {
    TG_TRY(const std::vector<StoredChunk> chunks, chunks_of(wanted));
    for (const StoredChunk& chunk : chunks) {
      if (auto in_time = check_deadline(); !in_time) return in_time;
      bool sound = false;
      TG_TRY(const bool found,
             source_.read(chunk.id, [&](std::string_view bytes) { sound = each_row_in<parts>(bytes, wanted, visit); }));
      if (!found || !sound) return std::unexpected(damaged_.note(chunk));
    }
    return {};
  }
  template <core::RowParts parts, class Visit>
  static bool each_row_in(std::string_view bytes, const Wanted& wanted, Visit&& visit) {
    auto reader = core::ChunkReader::open(bytes);
    if (!reader) return false;
    if (wanted.key) reader->seek(*wanted.key);
    core::RollupRow row;
    while (reader->next<parts>(row)) {
      if (wanted.key && row.key.key != *wanted.key) break;
      if (wanted(row.key)) visit(std::as_const(row));
    }
    return !reader->damaged();
  }

  Database database_;
  ChunkSource source_;
  const Clock& clock_;
  DamagedChunks& damaged_;
  MonoTime deadline_{};
};

// Thread safety: all methods from any thread.
class UsageConnections {
 public:
  // A reader for as long as this lives, with its transaction open and its deadline running.
  class Lease {
   public:
    static Result<Lease> begin(UsageConnections& pool, std::unique_ptr<UsageConnection> reader);
    ~Lease();
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    UsageConnection& operator*() { return *reader_; }
    UsageConnection* operator->() { return reader_.get(); }

   private:
    Lease(UsageConnections& pool, std::unique_ptr<UsageConnection> reader, const Clock& clock);

    UsageConnections* pool_;
    std::unique_ptr<UsageConnection> reader_;
    std::unique_ptr<QueryDeadline> deadline_;
    std::optional<Transaction> transaction_;
  };

  static Result<std::unique_ptr<UsageConnections>> open(const std::string& path, std::size_t count, const Clock& clock,
                                                        DamagedChunks& damaged);
  // busy when all are in use for too long.
  Result<Lease> take();

 private:
  explicit UsageConnections(const Clock& clock) : clock_(clock) {}
  void give_back(std::unique_ptr<UsageConnection> reader);

  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<UsageConnection>> idle_;
};

}  // namespace tollgate::stores
