#include "services/analytics/live_endpoints.h"

#include <algorithm>

#include "base/str.h"
#include "codec/json/writer.h"
#include "codec/usage/request_json.h"
#include "http/stream.h"
#include "services/analytics/query_text.h"
#include "services/analytics/record_query.h"

namespace tollgate::services {
namespace {

constexpr std::string_view kEventStream = "text/event-stream";
constexpr std::string_view kHello = "retry: 1000\n\n";
constexpr std::string_view kHeartbeat = ":\n\n";
constexpr Millis kPoll{100};
constexpr Seconds kHeartbeatEvery{15};

// "<epoch>-<number>", as events carry it. Nothing for anything else.
std::optional<std::pair<std::uint64_t, std::uint64_t>> parse_event_id(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto epoch = str::parse_int<std::uint64_t>(text.substr(0, dash));
  const auto number = str::parse_int<std::uint64_t>(text.substr(dash + 1));
  if (!epoch || !number) return std::nullopt;
  return std::pair(*epoch, *number);
}

void write_movers(codec::JsonWriter& json, const LiveSecond& second, const ports::NameDirectory& names) {
  json.key("movers").begin_array();
  for (const Mover& mover : second.movers) {
    const bool is_key = mover.kind == Mover::Kind::key;
    const std::string name = is_key ? std::string(core::key_of_number(std::min(mover.id, core::kKeyNumberMax)).view())
                                    : names.text(core::NameKind::route, static_cast<core::NameRef>(mover.id));
    json.begin_object()
        .member("kind", is_key ? "key" : "route")
        .member("name", name)
        .member("requests", mover.requests)
        .member("rateLimited", mover.rate_limited)
        .member("before", mover.before)
        .end_object();
  }
  json.end_array();
}

}  // namespace

void LiveEndpoints::add_to(http::Router& router) {
  const http::EndpointOptions options{.guard = dependencies_.guard, .max_body_bytes = 0};
  router.add_stream("GET /api/analytics/live", options, [this](http::Request& r) { return live(r); });
  router.add_stream("GET /api/analytics/tail", options, [this](http::Request& r) { return tail(r); });
}

// The number of the last second the caller has. One that came back gets what it missed, as far as that is kept.
Result<std::uint64_t> LiveEndpoints::first_wanted(const http::Request& request) {
  if (auto known = expect_parameters(request, {"history"}); !known) return std::unexpected(std::move(known).error());
  const std::uint64_t latest = dependencies_.feed.latest();
  if (const auto last = parse_event_id(request.header("Last-Event-ID"))) {
    return last->first == dependencies_.feed.epoch() ? std::min(last->second, latest) : 0;
  }
  const auto text = request.query("history");
  if (!text) return latest;
  const auto seconds = str::parse_int<std::uint64_t>(*text);
  if (!seconds || *seconds > LiveFeed::kSecondsKept) {
    return bad_parameter("history", str::cat("is a number of seconds, at most ", LiveFeed::kSecondsKept));
  }
  return latest - std::min(latest, *seconds);
}

std::string LiveEndpoints::second_event(const LiveSecond& second) const {
  std::string text = str::cat("id: ", dependencies_.feed.epoch(), "-", second.number, "\nevent: second\ndata: ");
  codec::JsonWriter json(text);
  const core::RollupCounts& counts = second.counts;
  json.begin_object()
      .member("time", second.time)
      .member("requests", counts.requests)
      .member("allowed", counts.allowed)
      .member("rateLimited", counts.rate_limited)
      .member("unauthorized", counts.unauthorized)
      .member("errors", counts.errors)
      .member("cost", counts.cost)
      .member("bytesIn", counts.bytes_in)
      .member("bytesOut", counts.bytes_out)
      .key("outcomes")
      .begin_object();
  for (std::size_t i = 0; i < second.outcomes.size(); ++i) {
    json.member(codec::outcome_name(static_cast<core::Outcome>(i)), second.outcomes[i]);
  }
  json.end_object().key("latencyMs").begin_object();
  for (const auto& [name, quantile] : {std::pair("p50", 0.5), std::pair("p95", 0.95), std::pair("p99", 0.99)}) {
    json.member(name, second.latency.quantile_us(quantile) / 1000);
  }
  json.end_object();
  write_movers(json, second, dependencies_.names);
  json.end_object();
  return text + "\n\n";
}

Task<void> LiveEndpoints::live(http::Request& request) {
  const auto last = first_wanted(request);
  if (!last) {
    co_await request.exchange().respond(http::problem(last.error(), request.id()));
    co_return;
  }
  std::uint64_t sent = *last;
  http::StreamedResponse stream(request.exchange());
  bool there = co_await stream.begin(kEventStream);
  if (there) there = co_await stream.write(kHello);
  while (there && stream.wants_text() && !stream.should_end()) {
    std::string events;
    for (const auto& second : dependencies_.feed.since(sent)) {
      events += second_event(*second);
      sent = second->number;
    }
    there = co_await stream.write(events);
    co_await stream.wait_until(request.loop().now() + kPoll);
  }
  co_await stream.end();
}

std::string LiveEndpoints::tail_events(const TailQueue::Taken& taken) const {
  std::string text;
  for (const core::LoggedRecord& logged : taken.records) {
    text += "event: record\ndata: ";
    codec::JsonWriter json(text);
    json.begin_object();
    codec::write_request_members(json, logged, dependencies_.names);
    json.end_object();
    text += "\n\n";
  }
  if (taken.dropped > 0) str::append(text, "event: dropped\ndata: {\"records\":", taken.dropped, "}\n\n");
  return text;
}

Task<void> LiveEndpoints::tail(http::Request& request) {
  auto filter = read_record_filter(request, {});
  const auto queue = filter ? dependencies_.tail.watch(*filter) : nullptr;
  if (filter && !queue) filter = fail(codes::busy, str::cat("at most ", Tail::kWatchersMax, " watch at once"));
  if (!filter) {
    co_await request.exchange().respond(http::problem(filter.error(), request.id()));
    co_return;
  }
  http::StreamedResponse stream(request.exchange());
  bool there = co_await stream.begin(kEventStream);
  if (there) there = co_await stream.write(kHello);
  MonoTime heartbeat_at = request.loop().now() + kHeartbeatEvery;
  while (there && stream.wants_text() && !stream.should_end()) {
    const std::string events = tail_events(queue->take());
    const bool silent = events.empty() && request.loop().now() >= heartbeat_at;
    if (!events.empty() || silent) heartbeat_at = request.loop().now() + kHeartbeatEvery;
    there = co_await stream.write(silent ? kHeartbeat : std::string_view(events));
    co_await stream.wait_until(request.loop().now() + kPoll);
  }
  co_await stream.end();
}

}  // namespace tollgate::services
