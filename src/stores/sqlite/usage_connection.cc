#include "stores/sqlite/usage_connection.h"

#include <algorithm>
#include <string_view>

namespace tollgate::stores {

Result<std::unique_ptr<UsageConnection>> UsageConnection::open(const std::string& path, const Clock& clock,
                                                               DamagedChunks& damaged) {
  TG_TRY(auto database, Database::open(path, {.reader = true}));
  TG_TRY(auto source, ChunkSource::open(database));
  return std::unique_ptr<UsageConnection>(new UsageConnection(std::move(database), std::move(source), clock, damaged));
}

// Those of the piece's level, and those of finer ones that are not part of it yet.
Result<std::vector<StoredChunk>> UsageConnection::chunks_of(const RangePiece& piece, const RollupRange& range) {
  ChunkQuery query{.from = piece.from, .key_min = range.keys.first, .key_max = range.keys.last};
  if (piece.level != kEverLevel) query.to = next_bucket(piece.to, piece.level);
  std::vector<StoredChunk> chunks;
  for (query.level = 0; query.level <= piece.level; ++query.level) {
    query.also_folded = query.level == piece.level;
    TG_TRY(const std::vector<StoredChunk> found, source_.find(query));
    chunks.insert(chunks.end(), found.begin(), found.end());
  }
  return chunks;
}

Result<std::vector<StoredChunk>> UsageConnection::chunks_of(const RollupRange& range) {
  std::vector<StoredChunk> chunks;
  for (const RangePiece& piece : pieces_of(range)) {
    TG_TRY(const std::vector<StoredChunk> found, chunks_of(piece, range));
    chunks.insert(chunks.end(), found.begin(), found.end());
  }
  return chunks;
}

Result<std::optional<std::string_view>> UsageConnection::load(const StoredChunk& chunk, core::RowParts parts) {
  using core::chunk_format::ByteRange;
  TG_TRY(const bool found, data_.open(chunk.id));
  if (!found) return std::nullopt;
  const std::size_t size = data_.size();
  if (buffer_.size() < size) buffer_.resize(size);
  const std::string_view bytes = std::string_view(buffer_).substr(0, size);
  const auto load_range = [&](const ByteRange& range) {
    return data_.read(range.from, std::span(buffer_).subspan(range.from, range.to - range.from));
  };
  const std::size_t beginning = std::min(size, core::chunk_format::kHeadBytesMax);
  if (auto done = load_range({.from = 0, .to = beginning}); !done) return std::unexpected(std::move(done).error());
  const auto head = core::chunk_format::Head::parse(bytes.substr(0, beginning), size);
  if (!head) return std::optional(bytes);  // whoever reads it finds the same
  for (const ByteRange& range : ranges_of(*head, parts)) {
    if (auto done = load_range(range); !done) return std::unexpected(std::move(done).error());
  }
  return std::optional(bytes);
}

Result<void> UsageConnection::check_deadline() const {
  if (clock_.mono_now() < deadline_) return {};
  return fail(codes::store_unavailable, "usage.db: the question took too long; ask about less");
}

UsageConnections::Lease::Lease(UsageConnections& pool, std::unique_ptr<UsageConnection> reader, const Clock& clock)
    : pool_(&pool),
      reader_(std::move(reader)),
      deadline_(std::make_unique<QueryDeadline>(reader_->database(), clock, kUsageQueryMax)) {
  reader_->start_deadline();
}

Result<UsageConnections::Lease> UsageConnections::Lease::begin(UsageConnections& pool,
                                                               std::unique_ptr<UsageConnection> reader) {
  Lease lease(pool, std::move(reader), pool.clock_);
  TG_TRY(auto transaction, Transaction::begin_read(lease.reader_->database()));
  lease.transaction_.emplace(std::move(transaction));
  return lease;
}

UsageConnections::Lease::~Lease() {
  if (reader_ == nullptr) return;  // moved from
  reader_->stop_reading();
  deadline_.reset();
  transaction_.reset();
  pool_->give_back(std::move(reader_));
}

Result<std::unique_ptr<UsageConnections>> UsageConnections::open(const std::string& path, std::size_t count,
                                                                 const Clock& clock, DamagedChunks& damaged) {
  std::unique_ptr<UsageConnections> pool(new UsageConnections(clock));
  for (std::size_t i = 0; i < count; ++i) {
    TG_TRY(pool->idle_.emplace_back(), UsageConnection::open(path, clock, damaged));
  }
  return pool;
}

Result<UsageConnections::Lease> UsageConnections::take() {
  std::unique_lock lock(mutex_);
  if (!returned_.wait_for(lock, kUsageQueryMax, [&] { return !idle_.empty(); })) {
    return fail(codes::busy, "every connection to usage.db is answering another question");
  }
  std::unique_ptr<UsageConnection> reader = std::move(idle_.back());
  idle_.pop_back();
  lock.unlock();
  return Lease::begin(*this, std::move(reader));
}

void UsageConnections::give_back(std::unique_ptr<UsageConnection> reader) {
  const std::scoped_lock lock(mutex_);
  idle_.push_back(std::move(reader));
  returned_.notify_one();
}

}  // namespace tollgate::stores
