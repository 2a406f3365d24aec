#include "stores/sqlite/usage_store.h"

#include <algorithm>
#include <tuple>

#include "base/str.h"
#include "codec/http1/head.h"
#include "core/usage/row_table.h"
#include "stores/sqlite/usage_series.h"

namespace tollgate::stores {

using core::RollupKey;
using core::RollupRow;
using core::RollupValue;
using core::RowParts;
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

RollupKey endpoint_of(const RollupKey& key) {
  return RollupKey::pack({.route = key.route(), .method = key.method()});
}

}  // namespace

Result<std::unique_ptr<SqliteUsageStore>> SqliteUsageStore::open(const std::string& path, const Clock& clock,
                                                                 Millis busy_timeout) {
  std::unique_ptr<SqliteUsageStore> store(new SqliteUsageStore(clock));
  TG_TRY(auto writer, UsageWriter::open(path, store->names_, store->recent_,
                                        {.now = clock.wall_now(), .busy_timeout = busy_timeout}));
  store->writer_ = std::make_unique<UsageWriter>(std::move(writer));
  TG_TRY(store->readers_, UsageConnections::open(path, kReaders, clock, store->damaged_));
  TG_TRY(store->upkeep_, UsageUpkeep::open(path, store->writing_, *store->writer_, store->damaged_));
  return store;
}

Result<ports::IngestAck> SqliteUsageStore::ingest(const ports::RecordBatch& batch) {
  const std::scoped_lock lock(writing_);
  return writer_->ingest(batch, clock_.wall_now());
}

Result<bool> SqliteUsageStore::maintain(WallTime now) {
  return upkeep_->step(now);
}

Result<std::uint64_t> SqliteUsageStore::expire(WallTime now) {
  return upkeep_->expire(now);
}

Result<ports::SystemStats> SqliteUsageStore::system_stats(WallTime now) {
  return recent_.stats(now);
}

Result<std::optional<ports::KeyUsage>> SqliteUsageStore::key_usage(core::KeyId key, WallTime now) {
  TG_TRY(auto reader, readers_->take());
  core::RowTable<RollupValue> endpoints;
  std::int64_t last_ms = 0;
  auto done = reader->each_row_ever<RowParts::all>(key, [&](const RollupRow& row) {
    endpoints.at(endpoint_of(row.key)).add(row);
    last_ms = std::max(last_ms, row.last_ms);
  });
  if (!done) return std::unexpected(std::move(done).error());
  if (endpoints.entries().empty()) return std::optional<ports::KeyUsage>();
  ports::KeyUsage usage;
  usage.last_used_at = WallTime(Millis(last_ms));
  for (const auto& [endpoint, value] : endpoints.entries()) {
    usage.counts += value.counts;
    usage.endpoints.push_back({.route = names_.text(core::NameKind::route, endpoint.route()),
                               .method = method_text(endpoint.method()),
                               .counts = value.counts,
                               .latency = latency_ms(value.latency)});
  }
  std::ranges::sort(usage.endpoints, [](const ports::EndpointUsage& a, const ports::EndpointUsage& b) {
    if (a.counts.requests != b.counts.requests) return a.counts.requests > b.counts.requests;
    return std::tie(a.route, a.method) < std::tie(b.route, b.method);
  });
  if (usage.endpoints.size() > kEndpointsMax) usage.endpoints.resize(kEndpointsMax);

  core::Histogram latency;
  const std::int64_t second = floor_second(now);
  const RollupRange last_day{.from = second - kDay, .to = second + 1, .key = key, .route = {}};
  done = reader->each_row<RowParts::all>(last_day, [&](const RollupRow& row) { latency.add(row.latency); });
  if (!done) return std::unexpected(std::move(done).error());
  usage.latency = latency_ms(latency);
  return usage;
}

Result<std::vector<ports::Series>> SqliteUsageStore::time_series(const ports::SeriesQuery& query) {
  TG_TRY(const SeriesPlan plan, plan_series(query, clock_.wall_now()));
  TG_TRY(auto reader, readers_->take());
  return read_series(*reader, plan, query, names_);
}

// Whole minutes around the range; for a few fresh minutes exactly the seconds.
RollupRange SqliteUsageStore::range_of(WallTime from, WallTime to) const {
  const std::int64_t first = floor_second(from);
  const std::int64_t end = std::chrono::ceil<Seconds>(to).time_since_epoch().count();
  const bool seconds = end - first <= 5 * kMinute && from >= clock_.wall_now() - kSecondsKept;
  if (seconds) return {.finest = kSecondLevel, .from = first, .to = end, .key = {}, .route = {}};
  return {.from = first - first % kMinute, .to = end, .key = {}, .route = {}};
}

// The busiest groups, the busiest first. Who they are is found by their requests alone, which is most of the rows' work
// saved; then they are read whole.
Result<std::vector<TopEntry>> SqliteUsageStore::top(const TopQuery& query) {
  TG_TRY(auto reader, readers_->take());
  core::RowTable<std::uint64_t> requests;
  auto done = reader->each_row<RowParts::requests>(query.range, [&](const RollupRow& row) {
    if (const auto group = query.group_of(row.key)) requests.at(*group) += row.counts.requests;
  });
  if (!done) return std::unexpected(std::move(done).error());
  using Entry = core::RowTable<std::uint64_t>::Entry;
  std::vector<Entry> order(requests.entries().begin(), requests.entries().end());
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min({query.count, order.size(), kTopMax}));
  std::ranges::partial_sort(order, end, [](const Entry& a, const Entry& b) {
    return a.value != b.value ? a.value > b.value : a.key < b.key;
  });
  order.erase(end, order.end());

  core::RowTable<std::size_t> place_of;
  for (std::size_t i = 0; i < order.size(); ++i) place_of.at(order[i].key) = i;
  std::vector<RollupValue> sums(order.size());
  done = reader->each_row<RowParts::all>(query.range, [&](const RollupRow& row) {
    const auto group = query.group_of(row.key);
    const std::size_t* const place = group ? place_of.find(*group) : nullptr;
    if (place != nullptr) sums[*place].add(row);
  });
  if (!done) return std::unexpected(std::move(done).error());
  std::vector<TopEntry> top;
  for (std::size_t i = 0; i < order.size(); ++i) {
    top.push_back({query.name_of(order[i].key), sums[i].counts, latency_ms(sums[i].latency)});
  }
  return top;
}

Result<std::vector<TopEntry>> SqliteUsageStore::top_keys(WallTime from, WallTime to, std::size_t count) {
  const auto group_of = [](const RollupKey& key) {
    return key.key == 0 ? std::nullopt : std::optional(RollupKey{.key = key.key});
  };
  const auto name_of = [](const RollupKey& group) { return std::string(group.key_id().view()); };
  return top({.range = range_of(from, to), .count = count, .group_of = group_of, .name_of = name_of});
}

Result<std::vector<TopEntry>> SqliteUsageStore::top_endpoints(WallTime from, WallTime to, std::size_t count) {
  const auto name_of = [this](const RollupKey& group) {
    return str::cat(method_text(group.method()), " ", names_.text(core::NameKind::route, group.route()));
  };
  return top({.range = range_of(from, to), .count = count, .group_of = endpoint_of, .name_of = name_of});
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
  const RollupRange range{.coarsest = kMinuteLevel, .from = from, .to = second + 1, .key = {}, .route = {}};
  auto done = reader->each_row<RowParts::counts>(range, [&](const RollupRow& row) {
    const auto index = static_cast<std::size_t>((row.key.bucket() - from) / kMinute);
    minutes[index].counts += row.counts;
  });
  if (!done) return std::unexpected(std::move(done).error());
  return minutes;
}

}  // namespace tollgate::stores
