#include "stores/sqlite/usage_connection.h"

namespace tollgate::stores {
namespace {

constexpr std::string_view kSelectRollup = R"(
  SELECT bucket, key_id, route, tier, method, status_class,
    requests, allowed, rate_limited, unauthorized, errors, bytes_in, bytes_out, cost, latency
  FROM rollup WHERE width = ?1 AND bucket >= ?2 AND bucket < ?3 AND (?4 IS NULL OR route = ?4)
    AND (?5 IS NULL OR key_id = ?5))";

// The literal width lets the index over minutes of a key be used.
constexpr std::string_view kSelectMinutesOfKey = R"(
  SELECT bucket, key_id, route, tier, method, status_class,
    requests, allowed, rate_limited, unauthorized, errors, bytes_in, bytes_out, cost, latency
  FROM rollup INDEXED BY rollup_minutes_of_key
  WHERE width = 60 AND key_id = ?3 AND bucket >= ?1 AND bucket < ?2 AND (?4 IS NULL OR route = ?4))";

constexpr std::string_view kSelectKeyTotals = R"(
  SELECT route, method, requests, allowed, rate_limited, unauthorized, errors, bytes_in, bytes_out, cost, latency,
    last_used_ns
  FROM key_total WHERE key_id = ?1)";

}  // namespace

UsageConnection::UsageConnection(Database database, Statement rollup, Statement rollup_of_key, Statement key_totals)
    : database_(std::move(database)),
      rollup_(std::move(rollup)),
      rollup_of_key_(std::move(rollup_of_key)),
      key_totals_(std::move(key_totals)) {}

Result<std::unique_ptr<UsageConnection>> UsageConnection::open(const std::string& path) {
  TG_TRY(auto database, Database::open(path, {.reader = true}));
  TG_TRY(auto rollup, database.prepare(kSelectRollup));
  TG_TRY(auto rollup_of_key, database.prepare(kSelectMinutesOfKey));
  TG_TRY(auto key_totals, database.prepare(kSelectKeyTotals));
  return std::unique_ptr<UsageConnection>(
      new UsageConnection(std::move(database), std::move(rollup), std::move(rollup_of_key), std::move(key_totals)));
}

Statement& UsageConnection::bind_rollup(const RollupRange& range) {
  if (range.key && range.width == Seconds(60)) {
    return rollup_of_key_.bind(range.from, range.to, range.key->view(), range.route);
  }
  const auto key = range.key.transform([](const core::KeyId& id) { return id.view(); });
  return rollup_.bind(range.width.count(), range.from, range.to, range.route, key);
}

core::RollupKey UsageConnection::key_of(const Statement& row) {
  return {.bucket = row.integer(0),
          .key = core::KeyId::parse(row.text(1)).value_or(core::KeyId{}),
          .route = static_cast<core::NameRef>(row.integer(2)),
          .tier = static_cast<core::NameRef>(row.integer(3)),
          .method = static_cast<std::uint8_t>(row.integer(4)),
          .status_class = static_cast<std::uint8_t>(row.integer(5))};
}

UsageConnections::Lease::Lease(UsageConnections& pool, std::unique_ptr<UsageConnection> reader)
    : pool_(&pool),
      reader_(std::move(reader)),
      deadline_(std::make_unique<QueryDeadline>(reader_->database(), pool.clock_, kUsageQueryMax)) {}

UsageConnections::Lease::~Lease() {
  if (reader_ == nullptr) return;  // moved from
  deadline_.reset();
  const std::scoped_lock lock(pool_->mutex_);
  pool_->idle_.push_back(std::move(reader_));
  pool_->returned_.notify_one();
}

Result<std::unique_ptr<UsageConnections>> UsageConnections::open(const std::string& path, std::size_t count,
                                                                 const Clock& clock) {
  std::unique_ptr<UsageConnections> pool(new UsageConnections(clock));
  for (std::size_t i = 0; i < count; ++i) {
    TG_TRY(pool->idle_.emplace_back(), UsageConnection::open(path));
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
  return Lease(*this, std::move(reader));
}

}  // namespace tollgate::stores
