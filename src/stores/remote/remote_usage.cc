#include "stores/remote/remote_usage.h"

#include <algorithm>

#include "base/str.h"
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

std::string_view group_name(ports::GroupBy by) {
  switch (by) {
    case ports::GroupBy::none: return "";
    case ports::GroupBy::key: return "key";
    case ports::GroupBy::route: return "route";
    case ports::GroupBy::status: return "status";
    case ports::GroupBy::tier: return "tier";
  }
  return "";
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

Result<std::vector<ports::Series>> RemoteUsageReader::time_series(const ports::SeriesQuery& query) {
  std::string target =
      str::cat("/api/analytics/time-series?from=", format_rfc3339(query.from), "&to=", format_rfc3339(query.to),
               "&step=", query.step.count(), "&series=", std::clamp<std::size_t>(query.max_series, 1, kCountMax));
  std::string groups;
  for (const ports::GroupBy by : query.group_by) {
    if (by != ports::GroupBy::none) str::append(groups, groups.empty() ? "" : ",", group_name(by));
  }
  if (!groups.empty()) str::append(target, "&groupBy=", groups);
  if (query.key) str::append(target, "&key=", query.key->view());
  if (query.route) str::append(target, "&route=", http::percent_encode(*query.route));
  TG_TRY(const std::string body, analytics_.get(target));
  return usable(codec::parse_time_series(body));
}

Result<std::vector<ports::TopEntry>> RemoteUsageReader::top(const Top& query) {
  TG_TRY(const std::string body,
         analytics_.get(str::cat("/api/analytics/top?by=", query.by, "&from=", format_rfc3339(query.from),
                                 "&to=", format_rfc3339(query.to),
                                 "&limit=", std::clamp<std::size_t>(query.count, 1, kCountMax))));
  return usable(codec::parse_top(body));
}

Result<std::vector<ports::TopEntry>> RemoteUsageReader::top_keys(WallTime from, WallTime to, std::size_t count) {
  return top({.by = "key", .from = from, .to = to, .count = count});
}

Result<std::vector<ports::TopEntry>> RemoteUsageReader::top_endpoints(WallTime from, WallTime to, std::size_t count) {
  return top({.by = "endpoint", .from = from, .to = to, .count = count});
}

// One series of minutes, up to the one that is running.
Result<std::vector<ports::RecentMinute>> RemoteUsageReader::recent_minutes(WallTime now, std::size_t count) {
  const auto minutes = static_cast<std::int64_t>(std::clamp<std::size_t>(count, 1, kRecentMinutesMax));
  ports::SeriesQuery query;
  query.to = std::chrono::floor<std::chrono::minutes>(now) + kMinute;
  query.from = query.to - minutes * kMinute;
  query.step = kMinute;
  TG_TRY(const std::vector<ports::Series> series, time_series(query));
  std::vector<ports::RecentMinute> recent;
  for (std::int64_t i = 0; i < minutes; ++i) recent.push_back({.time = query.from + i * kMinute, .counts = {}});
  for (const ports::Series& one : series) {
    for (const ports::SeriesPoint& point : one.points) {
      const std::int64_t index = (point.time - query.from) / kMinute;
      if (point.time >= query.from && index < minutes) recent[static_cast<std::size_t>(index)].counts += point.counts;
    }
  }
  return recent;
}

}  // namespace tollgate::stores
