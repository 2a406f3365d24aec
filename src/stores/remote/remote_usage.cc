#include "stores/remote/remote_usage.h"

#include <algorithm>

#include "base/str.h"
#include "codec/http1/head.h"
#include "codec/json/parse.h"
#include "codec/usage/usage_json.h"
#include "core/usage/record_batch.h"
#include "http/url_text.h"

namespace tollgate::stores {
namespace {

constexpr std::size_t kCountMax = 1000;
constexpr std::size_t kRecentMinutesMax = 1000;
constexpr Seconds kMinute{60};

template <class T>
Result<T> usable(Result<T> parsed) {
  if (!parsed) return std::unexpected(unusable_answer(parsed.error()));
  return parsed;
}

// "&name=value" for each that is asked for.
class Parameters {
 public:
  explicit Parameters(std::string& target) : target_(target) {}
  void add(std::string_view name, std::string_view value) {
    str::append(target_, "&", name, "=", http::percent_encode(value));
  }
  void add_filter(const ports::UsageFilter& filter) {
    if (filter.key) add("key", filter.key->view());
    add_name("consumer", filter.consumer);
    add_name("route", filter.route);
    add_name("tier", filter.tier);
    if (filter.status_class) {
      add("status", *filter.status_class == 0 ? std::string("none") : str::cat(*filter.status_class, "xx"));
    }
    if (filter.method) add("method", codec::method_name(static_cast<codec::Method>(*filter.method)));
  }

 private:
  void add_name(std::string_view name, const std::optional<std::string>& value) {
    if (value) add(name, *value);
  }
  std::string& target_;
};

template <class Items>
std::string list_of(const Items& items) {
  std::string list;
  for (const auto& item : items) str::append(list, list.empty() ? "" : ",", ports::name_of(item));
  return list;
}

std::string_view by_text(ports::TopQuery::By by) {
  using By = ports::TopQuery::By;
  switch (by) {
    case By::key: return "key";
    case By::endpoint: return "endpoint";
    case By::route: return "route";
    case By::consumer: return "consumer";
    case By::tier: return "tier";
    case By::status: return "status";
    case By::method: return "method";
  }
  return "key";
}

Result<std::uint64_t> count_member(const codec::JsonValue& document, std::string_view name) {
  const codec::JsonValue* member = document.find(name);
  const auto* count = member == nullptr ? nullptr : member->get_if<std::uint64_t>();
  if (count == nullptr)
    return fail(codes::store_unavailable, str::cat("analytics' answer has no number \"", name, "\""));
  return *count;
}

}  // namespace

Result<ports::IngestAck> RemoteUsageIngest::ingest(const core::RecordBatch& batch) {
  TG_TRY(const std::string body, analytics_.post({.target = "/api/analytics/log",
                                                  .content_type = std::string(core::kRecordsContentType),
                                                  .body = core::encode_batch(batch)}));
  TG_TRY(const codec::JsonValue document, usable(codec::parse_json(body)));
  ports::IngestAck ack;
  TG_TRY(ack.stored_through, count_member(document, "storedThrough"));
  TG_TRY(ack.added, count_member(document, "added"));
  TG_TRY(ack.known, count_member(document, "known"));
  return ack;
}

Result<ports::SystemStats> RemoteUsageReader::system_stats(WallTime) {
  TG_TRY(const std::string body, analytics_.get("/api/analytics/system-stats"));
  return usable(codec::parse_system_stats(body));
}

Result<std::optional<ports::KeyUsage>> RemoteUsageReader::key_usage(core::KeyId key, WallTime) {
  const auto body = analytics_.get(str::cat("/api/analytics/api-keys/", key.view()));
  if (!body && body.error().is(codes::key_not_found)) return std::optional<ports::KeyUsage>{};
  if (!body) return std::unexpected(body.error());
  TG_TRY(ports::KeyUsage usage, usable(codec::parse_key_usage(*body)));
  return std::optional(std::move(usage));
}

Result<ports::SeriesAnswer> RemoteUsageReader::time_series(const ports::SeriesQuery& query) {
  std::string target =
      str::cat("/api/analytics/time-series?from=", format_rfc3339(query.from), "&to=", format_rfc3339(query.to),
               "&series=", std::clamp<std::size_t>(query.max_series, 1, kCountMax));
  if (query.step) str::append(target, "&step=", query.step->count());
  if (!query.group_by.empty()) str::append(target, "&groupBy=", list_of(query.group_by));
  if (query.metrics != ports::kUsualMetrics) str::append(target, "&metric=", list_of(query.metrics.list()));
  Parameters(target).add_filter(query.filter);
  TG_TRY(const std::string body, analytics_.get(target));
  return usable(codec::parse_time_series(body));
}

Result<ports::TopAnswer> RemoteUsageReader::top(const ports::TopQuery& query) {
  std::string target = str::cat("/api/analytics/top?by=", by_text(query.by), "&metric=", ports::name_of(query.metric),
                                "&from=", format_rfc3339(query.from), "&to=", format_rfc3339(query.to),
                                "&limit=", std::clamp<std::size_t>(query.count, 1, kCountMax));
  Parameters(target).add_filter(query.filter);
  TG_TRY(const std::string body, analytics_.get(target));
  return usable(codec::parse_top(body));
}

// One series of minutes, up to the one that is running.
Result<std::vector<ports::RecentMinute>> RemoteUsageReader::recent_minutes(WallTime now, std::size_t count) {
  const auto minutes = static_cast<std::int64_t>(std::clamp<std::size_t>(count, 1, kRecentMinutesMax));
  ports::SeriesQuery query;
  query.to = std::chrono::floor<std::chrono::minutes>(now) + kMinute;
  query.from = query.to - minutes * kMinute;
  query.step = kMinute;
  query.metrics = ports::kCountMetrics;
  TG_TRY(const ports::SeriesAnswer answer, time_series(query));
  std::vector<ports::RecentMinute> recent;
  for (std::int64_t i = 0; i < minutes; ++i) recent.push_back({.time = query.from + i * kMinute, .counts = {}});
  for (const ports::Series& one : answer.series) {
    for (const ports::SeriesPoint& point : one.points) {
      const std::int64_t index = (point.time - query.from) / kMinute;
      if (point.time >= query.from && index < minutes) recent[static_cast<std::size_t>(index)].counts += point.counts;
    }
  }
  return recent;
}

}  // namespace tollgate::stores
