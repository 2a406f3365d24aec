#include "stores/sqlite/usage_connection.h"

namespace tollgate::stores {
namespace {

void add_pieces(std::vector<RangePiece>& pieces, const RangePiece& range, std::size_t finest) {
  if (range.from >= range.to) return;
  if (range.level == finest) {
    pieces.push_back(range);
    return;
  }
  const std::size_t finer = range.level - 1;
  const std::int64_t unit = kUsageLevels[range.level].shape.unit.count();
  const std::int64_t first = (range.from + unit - 1) / unit * unit;
  const std::int64_t end = range.to / unit * unit;
  if (first >= end) return add_pieces(pieces, {.level = finer, .from = range.from, .to = range.to}, finest);
  add_pieces(pieces, {.level = finer, .from = range.from, .to = first}, finest);
  pieces.push_back({.level = range.level, .from = first, .to = end});
  add_pieces(pieces, {.level = finer, .from = end, .to = range.to}, finest);
}

}  // namespace

std::vector<RangePiece> pieces_of(const RollupRange& range) {
  std::vector<RangePiece> pieces;
  add_pieces(pieces, {.level = range.coarsest, .from = range.from, .to = range.to}, range.finest);
  return pieces;
}

Result<std::unique_ptr<UsageConnection>> UsageConnection::open(const std::string& path, const Clock& clock,
                                                               DamagedChunks& damaged) {
  TG_TRY(auto database, Database::open(path, {.reader = true}));
  TG_TRY(auto source, ChunkSource::open(database));
  return std::unique_ptr<UsageConnection>(new UsageConnection(std::move(database), std::move(source), clock, damaged));
}

// Rows are judged as if they were folded into the piece's level already.
bool UsageConnection::Wanted::operator()(const core::RollupKey& row) const {
  const std::int64_t bucket = bucket_of(row.bucket(), piece.level);
  return bucket >= piece.from && bucket < piece.to && (!route || row.route() == *route);
}

// Those of the piece's level, and those of finer ones that are not part of it yet.
Result<std::vector<StoredChunk>> UsageConnection::chunks_of(const Wanted& wanted) {
  const RangePiece& piece = wanted.piece;
  const std::int64_t unit = kUsageLevels[piece.level].shape.unit.count();
  ChunkQuery query{.from = piece.from};
  if (unit > 0) query.to = (piece.to + unit - 1) / unit * unit;
  if (wanted.key) query.key_min = query.key_max = *wanted.key;
  std::vector<StoredChunk> chunks;
  for (query.level = 0; query.level <= piece.level; ++query.level) {
    query.also_folded = query.level == piece.level;
    TG_TRY(const std::vector<StoredChunk> found, source_.find(query));
    chunks.insert(chunks.end(), found.begin(), found.end());
  }
  return chunks;
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
