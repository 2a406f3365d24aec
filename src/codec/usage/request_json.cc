#include "codec/usage/request_json.h"

#include <algorithm>
#include <array>

#include "base/ip.h"
#include "base/str.h"
#include "codec/http1/head.h"
#include "codec/usage/csv.h"
#include "core/usage/limit_list.h"

namespace tollgate::codec {

using core::DecisionRecord;
using core::LoggedRecord;
using core::NameKind;
using core::Outcome;

namespace {

constexpr std::array<std::string_view, 8> kOutcomes{
    "allowed", "limited", "unauthenticated", "forbidden", "badRequest", "upstreamError", "shed", "local"};

std::string hex64(std::uint64_t value) {
  std::string text(16, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, value >>= 4) *digit = "0123456789abcdef"[value & 15];
  return text;
}

std::string_view method_text(std::uint8_t method) {
  return method_name(static_cast<Method>(std::min(method, static_cast<std::uint8_t>(Method::other))));
}

// Empty for a reference that stands for nothing.
std::string name_text(const ports::NameDirectory& names, NameKind kind, core::NameRef ref) {
  return ref == 0 ? std::string() : names.text(kind, ref);
}

std::string key_text(const DecisionRecord& record) {
  const bool is_key = record.key > 0 && record.key <= core::kKeyNumberMax;
  return is_key ? std::string(core::key_of_number(record.key).view()) : std::string();
}

// "203.0.113.9", "2001:db8::/64"; empty: not known.
std::string client_text(const DecisionRecord& record) {
  IpAddress address;
  if (record.client_family == 4) {
    const auto& net = record.client_net;
    return IpAddress::v4({net[0], net[1], net[2], net[3]}).to_string();
  }
  if (record.client_family != 6) return {};
  std::ranges::copy(record.client_net, address.bytes.begin());
  return address.to_string() + "/64";
}

std::string trace_text(const DecisionRecord& record) {
  if (std::ranges::all_of(record.trace_id, [](std::uint8_t byte) { return byte == 0; })) return {};
  return str::to_hex({reinterpret_cast<const char*>(record.trace_id.data()), record.trace_id.size()});
}

std::optional<std::string> unless_empty(std::string text) {
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

void write_limits(JsonWriter& json, const DecisionRecord& record, const ports::NameDirectory& names) {
  std::optional<std::string> refused_by;
  json.key("limits").begin_array();
  for (const LimitLevels& limit : limit_levels(record, names)) {
    json.begin_object().member("name", limit.name).key("countsBy").begin_array();
    for (const std::string_view part : core::scope_parts(limit.scope)) json.value(part);
    json.end_array()
        .member("before", limit.before)
        .member("after", limit.after)
        .member("exact", limit.exact)
        .member("refused", limit.refused)
        .end_object();
    if (limit.refused) refused_by = limit.name;
  }
  json.end_array().member("refusedBy", refused_by);
}

}  // namespace

std::string_view outcome_name(Outcome outcome) {
  const auto index = static_cast<std::size_t>(outcome);
  return index < kOutcomes.size() ? kOutcomes[index] : "unknown";
}

std::optional<Outcome> parse_outcome(std::string_view name) {
  const auto at = std::ranges::find(kOutcomes, name);
  if (at == kOutcomes.end()) return std::nullopt;
  return static_cast<Outcome>(at - kOutcomes.begin());
}

std::vector<LimitLevels> limit_levels(const DecisionRecord& record, const ports::NameDirectory& names) {
  std::vector<core::ListedLimit> listed;
  if (record.limits != 0) listed = core::read_limit_list(names.text(NameKind::limits, record.limits));
  const std::size_t count = std::min<std::size_t>(record.checks, record.levels_before.size());
  std::vector<LimitLevels> levels;
  for (std::size_t i = 0; i < count; ++i) {
    const core::Level level = record.levels_before[i];
    const std::uint64_t before = level.tokens();
    const bool took = record.refused_by < 0 && (before >= record.cost || !level.is_exact());
    LimitLevels one{.before = before,
                    .after = took ? before - std::min<std::uint64_t>(before, record.cost) : before,
                    .exact = level.is_exact(),
                    .refused = record.refused_by == static_cast<int>(i)};
    one.name = i < listed.size() ? listed[i].name : str::cat("#", i + 1);
    if (i < listed.size()) one.scope = listed[i].scope;
    levels.push_back(std::move(one));
  }
  return levels;
}

void write_request_members(JsonWriter& json, const LoggedRecord& logged, const ports::NameDirectory& names) {
  const DecisionRecord& record = logged.record;
  const bool limited = record.outcome == Outcome::limited;
  json.member("id", hex64(record.request_id))
      .member("time", WallTime(Nanos(record.time_ns)))
      .member("key", unless_empty(key_text(record)))
      .member("consumer", unless_empty(name_text(names, NameKind::consumer, record.consumer)))
      .member("tier", unless_empty(name_text(names, NameKind::tier, record.tier)))
      .member("route", unless_empty(name_text(names, NameKind::route, record.route)))
      .member("method", method_text(record.method))
      .member("status", record.status)
      .member("outcome", outcome_name(record.outcome))
      .member("cost", record.cost);
  write_limits(json, record, names);
  json.member("retryAfterMs", limited ? std::optional(record.retry_after_ms) : std::nullopt)
      .member("latencyMs", record.total_us / 1000.0)
      .member("upstreamMs", record.upstream_us / 1000.0)
      .member("bytesIn", record.bytes_in.value())
      .member("bytesOut", record.bytes_out.value())
      .member("client", unless_empty(client_text(record)))
      .member("traceId", unless_empty(trace_text(record)))
      .member("generation", record.generation)
      .member("ring", hex64(logged.ring_id))
      .member("sequence", record.sequence);
}

void append_csv_header(std::string& out) {
  CsvWriter csv(out);
  for (const std::string_view name :
       {"id",       "time",      "key",    "consumer",   "tier",           "route",      "method",
        "status",   "outcome",   "cost",   "refused_by", "retry_after_ms", "latency_ms", "upstream_ms",
        "bytes_in", "bytes_out", "client", "trace_id",   "generation",     "ring",       "sequence"}) {
    csv.field(name);
  }
  csv.end_row();
}

void append_csv_row(std::string& out, const LoggedRecord& logged, const ports::NameDirectory& names) {
  const DecisionRecord& record = logged.record;
  std::string refused_by;
  if (record.refused_by >= 0) {
    for (const LimitLevels& limit : limit_levels(record, names)) {
      if (limit.refused) refused_by = limit.name;
    }
  }
  CsvWriter(out)
      .field(hex64(record.request_id))
      .field(WallTime(Nanos(record.time_ns)))
      .field(key_text(record))
      .field(name_text(names, NameKind::consumer, record.consumer))
      .field(name_text(names, NameKind::tier, record.tier))
      .field(name_text(names, NameKind::route, record.route))
      .field(method_text(record.method))
      .field(record.status)
      .field(outcome_name(record.outcome))
      .field(record.cost)
      .field(refused_by)
      .field(record.retry_after_ms)
      .field(record.total_us / 1000.0)
      .field(record.upstream_us / 1000.0)
      .field(record.bytes_in.value())
      .field(record.bytes_out.value())
      .field(client_text(record))
      .field(trace_text(record))
      .field(record.generation)
      .field(hex64(logged.ring_id))
      .field(record.sequence)
      .end_row();
}

}  // namespace tollgate::codec
