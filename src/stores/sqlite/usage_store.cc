#include "stores/sqlite/usage_store.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "core/usage/row_table.h"
#include "stores/sqlite/usage_groups.h"
#include "stores/sqlite/usage_plan.h"
#include "stores/sqlite/usage_report.h"
#include "stores/sqlite/usage_series.h"
#include "stores/sqlite/usage_top.h"

namespace tollgate::stores {

using core::RollupRow;
using core::RollupValue;
using ports::Dimension;

namespace {

constexpr std::size_t kReaders = 3;
constexpr std::size_t kEndpointsMax = 100;
constexpr std::size_t kRecentMinutesMax = 1440;
constexpr std::int64_t kMinute = 60;
constexpr Seconds kDay{86'400};

std::int64_t floor_second(WallTime time) {
  return std::chrono::floor<Seconds>(time).time_since_epoch().count();
}

}  // namespace

Result<std::unique_ptr<SqliteUsageStore>> SqliteUsageStore::open(const std::string& path, const Clock& clock,
                                                                 const UsageOptions& options) {
  std::unique_ptr<SqliteUsageStore> store(new SqliteUsageStore(clock, options));
  TG_TRY(auto writer, UsageWriter::open(path, store->names_, store->recent_,
                                        {.now = clock.wall_now(), .busy_timeout = options.busy_timeout}));
  store->writer_ = std::make_unique<UsageWriter>(std::move(writer));
  TG_TRY(store->readers_, UsageConnections::open(path, kReaders, clock, store->damaged_));
  TG_TRY(store->upkeep_, UsageUpkeep::open(path, {store->writing_, *store->writer_}, store->damaged_, options));
  return store;
}

Result<ports::IngestAck> SqliteUsageStore::ingest(const ports::RecordBatch& batch) {
  const std::scoped_lock lock(writing_);
  return writer_->ingest(batch, clock_.wall_now());
}

Result<ports::PostAck> SqliteUsageStore::post(const ports::EventPost& post) {
  const std::scoped_lock lock(writing_);
  return writer_->post(post, clock_.wall_now());
}

Result<std::vector<ports::RecordBatch>> SqliteUsageStore::unconfirmed() {
  const std::scoped_lock lock(writing_);
  return writer_->unconfirmed();
}

void SqliteUsageStore::confirm(std::uint64_t through) {
  const std::scoped_lock lock(writing_);
  writer_->confirm(through);
}

Result<bool> SqliteUsageStore::maintain(WallTime now) {
  return upkeep_->step(now);
}

Result<std::uint64_t> SqliteUsageStore::expire(WallTime now) {
  return upkeep_->expire(now);
}

Result<ports::SystemStats> SqliteUsageStore::system_stats(WallTime now) {
  ports::SystemStats stats = recent_.stats(now);
  stats.storage = upkeep_->storage();
  return stats;
}

Result<KeptRows> SqliteUsageStore::kept_rows(UsageConnection& reader) const {
  TG_TRY(const UsageFloors floors, reader.floors());
  return KeptRows{.floors = floors, .kept = options_.kept, .now = clock_.wall_now()};
}

Result<std::optional<ports::KeyUsage>> SqliteUsageStore::key_usage(core::KeyId key, WallTime now) {
  TG_TRY(auto reader, readers_->take());
  const Grouping by_endpoint(std::array{Dimension::route, Dimension::method});
  const KeyRange its_rows = KeyRange::only(core::key_number(key));
  core::RowTable<RollupValue> endpoints;
  std::int64_t last_ms = 0;
  const RollupRange ever{.finest = kEverLevel, .coarsest = kEverLevel, .from = 0, .to = 1, .keys = its_rows};
  auto done = reader->each_row(ever, {.counts = true, .latency = true}, [&](const RollupRow& row) {
    endpoints.at(by_endpoint.of(row.key)).add(row);
    last_ms = std::max(last_ms, row.last_ms);
  });
  if (!done) return std::unexpected(std::move(done).error());
  if (endpoints.entries().empty()) return std::optional<ports::KeyUsage>();
  ports::KeyUsage usage;
  usage.last_used_at = WallTime(Millis(last_ms));
  for (const auto& [endpoint, value] : endpoints.entries()) {
    usage.counts += value.counts;
    usage.endpoints.push_back({.route = by_endpoint.text_of(Dimension::route, endpoint, names_),
                               .method = by_endpoint.text_of(Dimension::method, endpoint, names_),
                               .counts = value.counts,
                               .latency = latency_ms(value.latency)});
  }
  std::ranges::sort(usage.endpoints, [](const ports::EndpointUsage& a, const ports::EndpointUsage& b) {
    if (a.counts.requests != b.counts.requests) return a.counts.requests > b.counts.requests;
    return std::tie(a.route, a.method) < std::tie(b.route, b.method);
  });
  if (usage.endpoints.size() > kEndpointsMax) usage.endpoints.resize(kEndpointsMax);

  core::Histogram latency;
  TG_TRY(const KeptRows kept, kept_rows(*reader));
  TG_TRY(const RangePlan plan, plan_range({.from = now - kDay, .to = now + Seconds(1)}, kept));
  const RollupRange last_day{.finest = plan.finest, .from = plan.from, .to = plan.to, .keys = its_rows};
  done = reader->each_row(last_day, {.latency = true}, [&](const RollupRow& row) { latency.add(row.latency); });
  if (!done) return std::unexpected(std::move(done).error());
  usage.latency = latency_ms(latency);
  return usage;
}

Result<ports::SeriesAnswer> SqliteUsageStore::time_series(const ports::SeriesQuery& query) {
  TG_TRY(auto reader, readers_->take());
  TG_TRY(const KeptRows kept, kept_rows(*reader));
  TG_TRY(const SeriesPlan plan, plan_series({.from = query.from, .to = query.to}, query.step, kept));
  return read_series(*reader, plan, query, names_);
}

Result<ports::LatencyAnswer> SqliteUsageStore::latency(const ports::LatencyQuery& query) {
  TG_TRY(auto reader, readers_->take());
  TG_TRY(const KeptRows kept, kept_rows(*reader));
  TG_TRY(const RangePlan plan, plan_range({.from = query.from, .to = query.to}, kept));
  return read_latency(*reader, plan, query, names_);
}

Result<ports::TopAnswer> SqliteUsageStore::top(const ports::TopQuery& query) {
  TG_TRY(auto reader, readers_->take());
  TG_TRY(const KeptRows kept, kept_rows(*reader));
  TG_TRY(const RangePlan plan, plan_range({.from = query.from, .to = query.to}, kept));
  return read_top(*reader, plan, query, names_);
}

Result<ports::ReportPart> SqliteUsageStore::report(const ports::ReportQuery& query) {
  TG_TRY(auto reader, readers_->take());
  TG_TRY(const KeptRows kept, kept_rows(*reader));
  TG_TRY(const RangePlan plan, plan_report({.from = query.from, .to = query.to}, kept));
  return read_report(*reader, plan, query, names_);
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
  const RollupRange range{.coarsest = kMinuteLevel, .from = from, .to = second + 1};
  auto done = reader->each_row(range, {.counts = true}, [&](const RollupRow& row) {
    const auto index = static_cast<std::size_t>((row.key.bucket() - from) / kMinute);
    minutes[index].counts += row.counts;
  });
  if (!done) return std::unexpected(std::move(done).error());
  return minutes;
}

}  // namespace tollgate::stores
