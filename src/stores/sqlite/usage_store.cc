#include "stores/sqlite/usage_store.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/str.h"
#include "codec/http1/head.h"
#include "stores/sqlite/usage_rows.h"
#include "stores/sqlite/usage_series.h"

namespace tollgate::stores {

using core::RollupKey;
using core::RollupValue;
using ports::TopEntry;

namespace {

constexpr std::size_t kReaders = 3;
constexpr std::size_t kEndpointsMax = 100;
constexpr std::size_t kTopMax = 1000;
constexpr std::size_t kRecentMinutesMax = 1440;
constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kDay = 86'400;

std::int64_t floor_second(WallTime time) {
  return std::chrono::floor<Seconds>(time).time_since_epoch().count();
}

std::string method_text(std::uint8_t method) {
  const auto known = std::min(method, static_cast<std::uint8_t>(codec::Method::other));
  return std::string(codec::method_name(static_cast<codec::Method>(known)));
}

using Groups = std::map<RollupKey, RollupValue>;

// The busiest groups that `name` names, the busiest first.
template <class Name>
std::vector<TopEntry> busiest(const Groups& groups, std::size_t count, Name name) {
  std::vector<Groups::const_pointer> order;
  for (const auto& group : groups) order.push_back(&group);
  std::ranges::sort(order, [](Groups::const_pointer a, Groups::const_pointer b) {
    const auto [of_a, of_b] = std::pair(a->second.counts.requests, b->second.counts.requests);
    return of_a != of_b ? of_a > of_b : a->first < b->first;
  });
  order.resize(std::min({count, order.size(), kTopMax}));
  std::vector<TopEntry> top;
  for (const auto* group : order) {
    top.push_back({name(group->first), group->second.counts, latency_ms(group->second.latency)});
  }
  return top;
}

}  // namespace

Result<std::unique_ptr<SqliteUsageStore>> SqliteUsageStore::open(const std::string& path, const Clock& clock) {
  std::unique_ptr<SqliteUsageStore> store(new SqliteUsageStore(clock));
  TG_TRY(auto writer, UsageWriter::open(path, store->names_, store->recent_, clock.wall_now()));
  store->writer_ = std::make_unique<UsageWriter>(std::move(writer));
  TG_TRY(store->readers_, UsageConnections::open(path, kReaders, clock));
  return store;
}

Result<ports::IngestAck> SqliteUsageStore::ingest(const ports::RecordBatch& batch) {
  const std::scoped_lock lock(writing_);
  return writer_->ingest(batch, clock_.wall_now());
}

Result<std::uint64_t> SqliteUsageStore::expire(WallTime now) {
  const std::scoped_lock lock(writing_);
  return writer_->expire(now);
}

Result<ports::SystemStats> SqliteUsageStore::system_stats(WallTime now) {
  return recent_.stats(now);
}

Result<std::optional<ports::KeyUsage>> SqliteUsageStore::key_usage(core::KeyId key, WallTime now) {
  TG_TRY(auto reader, readers_->take());
  ports::KeyUsage usage;
  std::int64_t last_used_ns = 0;
  auto done = reader->each_key_total(key, [&](const Statement& row) {
    RollupValue value;
    add_row(value, row, 2);
    usage.counts += value.counts;
    usage.endpoints.push_back({.route = names_.text(core::NameKind::route, static_cast<core::NameRef>(row.integer(0))),
                               .method = method_text(static_cast<std::uint8_t>(row.integer(1))),
                               .counts = value.counts,
                               .latency = latency_ms(value.latency)});
    last_used_ns = std::max(last_used_ns, row.integer(11));
  });
  if (!done) return std::unexpected(std::move(done).error());
  if (usage.endpoints.empty()) return std::optional<ports::KeyUsage>();
  std::ranges::sort(usage.endpoints, [](const ports::EndpointUsage& a, const ports::EndpointUsage& b) {
    if (a.counts.requests != b.counts.requests) return a.counts.requests > b.counts.requests;
    return std::tie(a.route, a.method) < std::tie(b.route, b.method);
  });
  if (usage.endpoints.size() > kEndpointsMax) usage.endpoints.resize(kEndpointsMax);
  usage.last_used_at = WallTime(Nanos(last_used_ns));

  core::Histogram latency;
  const std::int64_t second = floor_second(now);
  const RollupRange last_day{
      .width = Seconds(kMinute), .from = second - kDay, .to = second + 1, .key = key, .route = {}};
  done = reader->each_rollup(last_day, [&](const RollupKey&, const Statement& row) {
    RollupValue value;
    add_row(value, row, UsageConnection::kRollupCounts);
    latency.merge(value.latency);
  });
  if (!done) return std::unexpected(std::move(done).error());
  usage.latency = latency_ms(latency);
  return usage;
}

Result<std::vector<ports::Series>> SqliteUsageStore::time_series(const ports::SeriesQuery& query) {
  TG_TRY(const SeriesPlan plan, plan_series(query, clock_.wall_now()));
  TG_TRY(auto reader, readers_->take());
  return read_series(*reader.operator->(), plan, query, names_);
}

// Whole minutes around the range; for a few fresh minutes exactly the seconds.
RollupRange SqliteUsageStore::range_of(WallTime from, WallTime to) const {
  const std::int64_t first = floor_second(from);
  const std::int64_t end = std::chrono::ceil<Seconds>(to).time_since_epoch().count();
  const bool seconds = end - first <= 5 * kMinute && from >= clock_.wall_now() - kSecondsKept;
  if (seconds) return {.width = Seconds(1), .from = first, .to = end, .key = {}, .route = {}};
  return {.width = Seconds(kMinute), .from = first - first % kMinute, .to = end, .key = {}, .route = {}};
}

Result<std::vector<TopEntry>> SqliteUsageStore::top_keys(WallTime from, WallTime to, std::size_t count) {
  TG_TRY(auto reader, readers_->take());
  Groups groups;
  auto done = reader->each_rollup(range_of(from, to), [&](const RollupKey& key, const Statement& row) {
    if (!key.key.empty()) add_row(groups[{.bucket = 0, .key = key.key}], row, UsageConnection::kRollupCounts);
  });
  if (!done) return std::unexpected(std::move(done).error());
  return busiest(groups, count, [](const RollupKey& key) { return std::string(key.key.view()); });
}

Result<std::vector<TopEntry>> SqliteUsageStore::top_endpoints(WallTime from, WallTime to, std::size_t count) {
  TG_TRY(auto reader, readers_->take());
  Groups groups;
  auto done = reader->each_rollup(range_of(from, to), [&](const RollupKey& key, const Statement& row) {
    const RollupKey endpoint{.bucket = 0, .key = {}, .route = key.route, .tier = 0, .method = key.method};
    add_row(groups[endpoint], row, UsageConnection::kRollupCounts);
  });
  if (!done) return std::unexpected(std::move(done).error());
  return busiest(groups, count, [&](const RollupKey& key) {
    return str::cat(method_text(key.method), " ", names_.text(core::NameKind::route, key.route));
  });
}

Result<std::vector<ports::RecentMinute>> SqliteUsageStore::recent_minutes(WallTime now, std::size_t count) {
  count = std::clamp<std::size_t>(count, 1, kRecentMinutesMax);
  const std::int64_t second = floor_second(now);
  const std::int64_t from = second - second % kMinute - (static_cast<std::int64_t>(count) - 1) * kMinute;
  std::vector<ports::RecentMinute> minutes;
  for (std::size_t i = 0; i < count; ++i) {
    minutes.push_back({.time = WallTime(Seconds(from + static_cast<std::int64_t>(i) * kMinute)), .counts = {}});
  }
  TG_TRY(auto reader, readers_->take());
  const RollupRange range{.width = Seconds(kMinute), .from = from, .to = second + 1, .key = {}, .route = {}};
  auto done = reader->each_rollup(range, [&](const RollupKey& key, const Statement& row) {
    const auto index = static_cast<std::size_t>((key.bucket - from) / kMinute);
    minutes[index].counts += read_counts(row, UsageConnection::kRollupCounts);
  });
  if (!done) return std::unexpected(std::move(done).error());
  return minutes;
}

}  // namespace tollgate::stores
