// Connections that answer questions about usage.db: each query takes one from a small pool, sees one state of the file
// from its first row to its last, and has five seconds.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "core/usage/chunk.h"
#include "stores/sqlite/blob_reader.h"
#include "stores/sqlite/query_deadline.h"
#include "stores/sqlite/transaction.h"
#include "stores/sqlite/usage_chunks.h"
#include "stores/sqlite/usage_range.h"

namespace tollgate::stores {

inline constexpr Millis kUsageQueryMax{5000};

// One connection with its statements. Thread safety: one thread at a time. A query beyond its time: store_unavailable;
// one that needs a damaged chunk: store_corrupt.
class UsageConnection {
 public:
  static Result<std::unique_ptr<UsageConnection>> open(const std::string& path, const Clock& clock,
                                                       DamagedChunks& damaged);

  // Calls `visit(row)` for each row, in no particular order; rows of one key may come apart.
  template <class Visit>
  Result<void> each_row(const RollupRange& range, core::RowParts parts, Visit&& visit) {
    for (const RangePiece& piece : pieces_of(range)) {
      const WantedRows is_wanted(piece, range.filter);
      TG_TRY(const std::vector<StoredChunk> chunks, chunks_of(piece, range));
      for (const StoredChunk& chunk : chunks) {
        auto done = read(chunk, parts, [&](core::ChunkReader& reader) {
          if (range.keys.first > chunk.info.key_min) reader.seek(range.keys.first);
          core::RollupRow row;
          while (reader.next(row) && row.key.key <= range.keys.last) {
            if (is_wanted(row.key)) visit(std::as_const(row));
          }
        });
        if (!done) return done;
      }
    }
    return {};
  }

  // Of these keys alone, which are in ascending order.
  template <class Visit>
  Result<void> each_row_of(std::span<const std::uint64_t> keys, const RollupRange& range, core::RowParts parts,
                           Visit&& visit) {
    for (const RangePiece& piece : pieces_of(range)) {
      const WantedRows is_wanted(piece, range.filter);
      TG_TRY(const std::vector<StoredChunk> chunks, chunks_of(piece, range));
      for (const StoredChunk& chunk : chunks) {
        const auto within = keys_within(keys, chunk.info);
        if (within.empty()) continue;
        auto done = read(chunk, parts, [&](core::ChunkReader& reader) {
          each_row_of_keys(reader, within, [&](const core::RollupRow& row) {
            if (is_wanted(row.key)) visit(row);
          });
        });
        if (!done) return done;
      }
    }
    return {};
  }

  // All chunks that each_row would read, for those who divide the work.
  Result<std::vector<StoredChunk>> chunks_of(const RollupRange& range);
  // What is not kept any more.
  Result<UsageFloors> floors() { return source_.floors(); }

  Database& database() { return database_; }
  void start_deadline() { deadline_ = clock_.mono_now() + kUsageQueryMax; }
  // Before the transaction ends.
  void stop_reading() { data_.close(); }

 private:
  UsageConnection(Database database, ChunkSource source, const Clock& clock, DamagedChunks& damaged)
      : database_(std::move(database)), source_(std::move(source)), clock_(clock), damaged_(damaged) {}
  Result<std::vector<StoredChunk>> chunks_of(const RangePiece& piece, const RollupRange& range);
  Result<void> check_deadline() const;
  // What these parts need of the chunk, among bytes of no meaning; until the next call. Nothing when it is gone.
  Result<std::optional<std::string_view>> load(const StoredChunk& chunk, core::RowParts parts);

  template <class Visit>
  Result<void> read(const StoredChunk& chunk, core::RowParts parts, Visit&& visit) {
    if (auto in_time = check_deadline(); !in_time) return in_time;
    TG_TRY(const auto bytes, load(chunk, parts));
    auto reader = bytes ? core::ChunkReader::open(*bytes, parts) : std::nullopt;
    if (reader) visit(*reader);
    if (!reader || reader->damaged()) return std::unexpected(damaged_.note(chunk));
    return {};
  }

  Database database_;
  ChunkSource source_;
  BlobReader data_{database_, {.table = "chunk_data", .column = "data"}};
  const Clock& clock_;
  DamagedChunks& damaged_;
  MonoTime deadline_{};
  std::string buffer_;  // of load()
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
