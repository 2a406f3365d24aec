#include "base/str.h"
#include "codec/json/parse.h"
#include "codec/json/pointer.h"
#include "codec/usage/usage_json.h"

namespace tollgate::codec {
namespace {

// Reads members of a peer's answer; the first fault is remembered, everything after it reads as a default.
class PeerObject {
 public:
  PeerObject(const JsonValue& value, std::optional<Error>& fault) : value_(value), fault_(fault) {
    if (value.object() == nullptr) note("", "an object is expected");
  }

  std::uint64_t uint(std::string_view name) {
    const JsonValue* member = value_.find(name);
    if (member != nullptr) {
      if (const auto* number = member->get_if<std::uint64_t>()) return *number;
    }
    note(name, "a whole number is expected");
    return 0;
  }
  // Absent counts as 0: for members that older versions do not have, or that were not asked for.
  std::uint64_t uint_or_zero(std::string_view name) { return value_.find(name) == nullptr ? 0 : uint(name); }
  double number_or_zero(std::string_view name) { return value_.find(name) == nullptr ? 0 : number(name); }

  double number(std::string_view name) {
    const JsonValue* member = value_.find(name);
    if (member != nullptr) {
      if (const auto* fraction = member->get_if<double>()) return *fraction;
      if (const auto* whole = member->get_if<std::uint64_t>()) return static_cast<double>(*whole);
    }
    note(name, "a number that is not negative is expected");
    return 0;
  }

  std::string text(std::string_view name) {
    const JsonValue* member = value_.find(name);
    if (member != nullptr) {
      if (const auto* string = member->get_if<std::string>()) return *string;
    }
    note(name, "a string is expected");
    return {};
  }

  std::optional<WallTime> optional_time(std::string_view name) {
    if (value_.find(name) == nullptr) return std::nullopt;
    return time(name);
  }
  WallTime time(std::string_view name) {
    const auto time = parse_rfc3339(text(name));
    if (!time) note(name, "a time is expected");
    return time.value_or(WallTime{});
  }

  const JsonValue& member(std::string_view name) {
    static const JsonValue kNull;
    const JsonValue* found = value_.find(name);
    if (found == nullptr) note(name, "is missing");
    return found == nullptr ? kNull : *found;
  }

  const JsonArray& array(std::string_view name) {
    static const JsonArray kEmpty;
    const JsonArray* items = member(name).array();
    if (items == nullptr) note(name, "an array is expected");
    return items == nullptr ? kEmpty : *items;
  }

  void note(std::string_view name, std::string detail) {
    if (fault_) return;
    const std::string pointer = name.empty() ? std::string() : json_pointer("", name);
    std::string summary = str::cat("the peer's answer", pointer.empty() ? "" : " at ", pointer, ": ", detail);
    fault_.emplace(codes::invalid_document, std::move(summary), std::vector<FieldError>{{pointer, std::move(detail)}});
  }

 private:
  const JsonValue& value_;
  std::optional<Error>& fault_;
};

ports::UsageCounts read_totals(PeerObject& in) {
  ports::UsageCounts counts;
  counts.requests = in.uint("totalRequests");
  counts.allowed = in.uint("allowedRequests");
  counts.rate_limited = in.uint("rateLimitedRequests");
  counts.unauthorized = in.uint_or_zero("unauthorizedRequests");
  counts.errors = in.uint_or_zero("errorRequests");
  counts.bytes_in = in.uint_or_zero("bytesIn");
  counts.bytes_out = in.uint_or_zero("bytesOut");
  counts.cost = in.uint_or_zero("cost");
  return counts;
}

// Of the metrics that were asked for.
ports::UsageCounts read_point_counts(PeerObject& in) {
  ports::UsageCounts counts;
  counts.requests = in.uint_or_zero("requests");
  counts.allowed = in.uint_or_zero("allowed");
  counts.rate_limited = in.uint_or_zero("rateLimited");
  counts.unauthorized = in.uint_or_zero("unauthorized");
  counts.errors = in.uint_or_zero("errors");
  counts.bytes_in = in.uint_or_zero("bytesIn");
  counts.bytes_out = in.uint_or_zero("bytesOut");
  counts.cost = in.uint_or_zero("cost");
  return counts;
}

// Of rows that have them all, but for those that an older peer does not know.
ports::UsageCounts read_counts(PeerObject& in) {
  ports::UsageCounts counts = read_point_counts(in);
  counts.requests = in.uint("requests");
  counts.rate_limited = in.uint("rateLimited");
  return counts;
}

ports::AnsweredRange read_range(PeerObject& in) {
  return {.from = in.time("from"), .to = in.time("to"), .kept_from = in.optional_time("keptFrom")};
}

ports::LatencyMs read_latency(PeerObject& in, std::optional<Error>& fault) {
  PeerObject latency(in.member("latencyMs"), fault);
  return {.p50 = latency.number("p50"), .p90 = latency.number("p90"), .p99 = latency.number("p99")};
}

ports::Series read_series(const JsonValue& value, std::optional<Error>& fault) {
  ports::Series series;
  PeerObject in(value, fault);
  if (const JsonObject* group = in.member("group").object()) {
    for (const JsonMember& by : *group) {
      if (const auto* name = by.value.get_if<std::string>()) series.group.emplace(by.name, *name);
    }
  }
  for (const JsonValue& item : in.array("points")) {
    const JsonArray* pair = item.array();
    const auto* text = pair != nullptr && pair->size() == 2 ? pair->front().get_if<std::string>() : nullptr;
    const auto time = text == nullptr ? std::nullopt : parse_rfc3339(*text);
    if (!time) {
      in.note("points", "pairs of a time and an object are expected");
      break;
    }
    PeerObject point(pair->back(), fault);
    series.points.push_back({.time = *time,
                             .counts = read_point_counts(point),
                             .latency = {.p50 = point.number_or_zero("p50Ms"),
                                         .p90 = point.number_or_zero("p90Ms"),
                                         .p99 = point.number_or_zero("p99Ms")},
                             .clients = point.uint_or_zero("clients")});
  }
  return series;
}

template <class T>
Result<T> or_fault(T value, std::optional<Error>& fault) {
  if (fault) return std::unexpected(*std::move(fault));
  return value;
}

}  // namespace

Result<ports::SystemStats> parse_system_stats(std::string_view text) {
  TG_TRY(const JsonValue document, parse_json(text));
  std::optional<Error> fault;
  PeerObject in(document, fault);
  ports::SystemStats stats;
  stats.counts = read_totals(in);
  stats.requests_per_second = in.number("requestsPerSecond");
  stats.latency = read_latency(in, fault);
  stats.active_keys = in.uint("activeKeys");
  return or_fault(stats, fault);
}

Result<ports::KeyUsage> parse_key_usage(std::string_view text) {
  TG_TRY(const JsonValue document, parse_json(text));
  std::optional<Error> fault;
  PeerObject in(document, fault);
  ports::KeyUsage usage;
  usage.counts = read_totals(in);
  usage.latency = read_latency(in, fault);
  for (const JsonValue& item : in.array("endpoints")) {
    PeerObject row(item, fault);
    ports::EndpointUsage endpoint{
        .route = row.text("route"), .method = row.text("method"), .counts = {}, .latency = {}};
    endpoint.counts = read_counts(row);
    endpoint.latency = read_latency(row, fault);
    usage.endpoints.push_back(std::move(endpoint));
  }
  if (const auto* last = in.member("lastUsedAt").get_if<std::string>()) usage.last_used_at = parse_rfc3339(*last);
  return or_fault(std::move(usage), fault);
}

Result<ports::SeriesAnswer> parse_time_series(std::string_view text) {
  TG_TRY(const JsonValue document, parse_json(text, {.max_bytes = 16u << 20, .max_depth = 32}));
  std::optional<Error> fault;
  PeerObject in(document, fault);
  ports::SeriesAnswer answer;
  answer.range = read_range(in);
  answer.step = Seconds(in.uint("step"));
  for (const JsonValue& item : in.array("series")) answer.series.push_back(read_series(item, fault));
  return or_fault(std::move(answer), fault);
}

Result<ports::TopAnswer> parse_top(std::string_view text) {
  TG_TRY(const JsonValue document, parse_json(text));
  std::optional<Error> fault;
  PeerObject in(document, fault);
  ports::TopAnswer answer;
  answer.range = read_range(in);
  for (const JsonValue& item : in.array("data")) {
    PeerObject row(item, fault);
    ports::TopEntry entry{.name = row.text("name"), .counts = {}, .latency = {}};
    entry.counts = read_counts(row);
    entry.latency = read_latency(row, fault);
    answer.entries.push_back(std::move(entry));
  }
  return or_fault(std::move(answer), fault);
}

}  // namespace tollgate::codec
