#include "services/analytics/event_input.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/ip.h"
#include "base/str.h"
#include "codec/http1/head.h"
#include "codec/json/object_reader.h"
#include "codec/json/parse.h"

namespace tollgate::services {
namespace {

constexpr std::size_t kIdBytesMax = 64;
constexpr std::uint64_t kMaxMillis = 86'400'000;

core::Outcome outcome_of(std::uint64_t status, bool rate_limited) {
  if (rate_limited || status == 429) return core::Outcome::limited;
  if (status == 401) return core::Outcome::unauthenticated;
  if (status == 403) return core::Outcome::forbidden;
  if (status >= 500) return core::Outcome::upstream_error;
  return core::Outcome::allowed;
}

class EventReader {
 public:
  EventReader(ReportedEvents& out, WallTime now) : out_(out), now_(now) {}

  void read(codec::JsonObjectReader& in) {
    core::DecisionRecord record;
    const std::uint64_t status = in.required_uint("statusCode", {.min = 100, .max = 599});
    const bool rate_limited = in.optional_bool("rateLimited").value_or(false);
    record.status = static_cast<std::uint16_t>(status);
    record.outcome = outcome_of(status, rate_limited);
    read_key(in, record);
    record.route = read_name(in, core::NameKind::route, in.has("route") ? "route" : "endpoint");
    record.tier = read_name(in, core::NameKind::tier, "tier");
    record.consumer = read_name(in, core::NameKind::consumer, "consumer");
    record.method = static_cast<std::uint8_t>(
        codec::parse_method(in.optional_string("method", {.min = 1, .max = 32}).value_or("GET")));
    const double millis = in.optional_double("responseTimeMs", {.min = 0, .max = kMaxMillis}).value_or(0);
    record.total_us = static_cast<std::uint32_t>(std::min(millis * 1'000, 4e9));
    record.cost = static_cast<std::uint32_t>(in.optional_uint("cost", {.max = 1'000'000}).value_or(1));
    record.bytes_in = in.optional_uint("bytesIn", {.max = 1ull << 53}).value_or(0);
    record.bytes_out = in.optional_uint("bytesOut", {.max = 1ull << 53}).value_or(0);
    record.time_ns = in.optional_time("timestamp").value_or(now_).time_since_epoch().count();
    read_client(in, record);
    out_.records.push_back(record);
    out_.ids.push_back(in.optional_string("id", {.min = 1, .max = kIdBytesMax}));
  }

 private:
  static void read_key(codec::JsonObjectReader& in, core::DecisionRecord& record) {
    const auto text = in.optional_string("apiKey", {.min = 1, .max = 128});
    const auto id = in.optional_string("keyId", {.min = 10, .max = 10});
    if (text && id) in.fail("keyId", "give apiKey or keyId, not both");
    if (text) {
      const auto parsed = core::parse_api_key(*text);
      const auto as_id = core::KeyId::parse(*text);
      if (!parsed && !as_id) in.fail("apiKey", "is neither an API key nor the id of one");
      record.key = key_number(parsed ? std::optional(parsed->id) : as_id);
    } else if (id) {
      const auto parsed = core::KeyId::parse(*id);
      if (!parsed) in.fail("keyId", "is not the id of a key (ten letters and digits)");
      record.key = key_number(parsed);
    }
  }

  static std::uint64_t key_number(const std::optional<core::KeyId>& id) { return id ? core::key_number(*id) : 0; }

  core::NameRef read_name(codec::JsonObjectReader& in, core::NameKind kind, std::string_view member) {
    const auto name = in.optional_string(member, {.min = 1, .max = 200});
    if (!name) return 0;
    const core::NameRef ref = core::name_ref(kind, *name);
    if (named_.emplace(kind, ref).second) out_.names.push_back({.kind = kind, .ref = ref, .name = *name});
    return ref;
  }

  static void read_client(codec::JsonObjectReader& in, core::DecisionRecord& record) {
    const auto text = in.optional_string("clientIp", {.min = 2, .max = 45});
    if (!text) return;
    const auto ip = IpAddress::parse(*text);
    if (!ip) return in.fail("clientIp", "is not an IP address");
    const std::ptrdiff_t from = ip->is_v4() ? 12 : 0;
    std::copy_n(ip->bytes.begin() + from, ip->is_v4() ? 4 : 8, record.client_net.begin());
    record.client_family = ip->is_v4() ? 4 : 6;
  }

  ReportedEvents& out_;
  WallTime now_;
  std::set<std::pair<core::NameKind, core::NameRef>> named_;
};

// Lines become an array, so that one reader serves all three forms.
Result<codec::JsonValue> parse_lines(std::string_view body) {
  codec::JsonArray events;
  while (!body.empty()) {
    const std::string_view line = body.substr(0, body.find('\n'));
    body.remove_prefix(std::min(body.size(), line.size() + 1));
    if (str::trim(line).empty() || line == "\r") continue;
    auto event = codec::parse_json(line);
    if (!event) {
      std::vector<FieldError> fields = event.error().fields();
      for (FieldError& field : fields) field.pointer = str::cat("/", events.size(), field.pointer);
      return std::unexpected(Error(codes::invalid_document,
                                   str::cat("line ", events.size() + 1, ": ", event.error().detail()),
                                   std::move(fields)));
    }
    events.push_back(*std::move(event));
  }
  return codec::JsonValue(std::move(events));
}

// Faults of event `index` are found at "/index/…"; those of a single event at "/…".
void add_faults(std::vector<FieldError>& all, const Error& error, std::optional<std::size_t> index) {
  for (const FieldError& field : error.fields()) {
    all.push_back({index ? str::cat("/", *index, field.pointer) : field.pointer, field.detail});
  }
}

}  // namespace

Result<ReportedEvents> read_events(const EventText& text, WallTime now) {
  TG_TRY(const codec::JsonValue document, text.ndjson ? parse_lines(text.body) : codec::parse_json(text.body));
  ReportedEvents out;
  EventReader reader(out, now);
  std::vector<FieldError> faults;
  const codec::JsonArray* events = document.array();
  const std::size_t count = events == nullptr ? 1 : events->size();
  if (count > kMaxReportedEvents) {
    return fail(codes::payload_too_large,
                str::cat("at most ", kMaxReportedEvents, " events at once; these are ", count));
  }
  for (std::size_t i = 0; i < count; ++i) {
    codec::JsonObjectReader in(events == nullptr ? document : (*events)[i]);
    reader.read(in);
    if (auto done = in.finish(); !done)
      add_faults(faults, done.error(), events == nullptr ? std::nullopt : std::optional(i));
  }
  if (!faults.empty())
    return std::unexpected(
        Error(codes::invalid_document, "the events are not what this endpoint takes", std::move(faults)));
  return out;
}

}  // namespace tollgate::services
