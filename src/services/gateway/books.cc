#include "services/gateway/books.h"

#include <algorithm>
#include <limits>

#include "codec/http1/char_class.h"

namespace tollgate::services {
namespace {

template <class To, class From>
To saturate(From value) {
  return static_cast<To>(std::min<std::uint64_t>(static_cast<std::uint64_t>(value), std::numeric_limits<To>::max()));
}

std::uint32_t microseconds(Nanos duration) {
  return saturate<std::uint32_t>(std::max<std::int64_t>(0, duration.count()) / 1'000);
}

// traceparent: 00-<trace id, 32 hex>-<span id, 16 hex>-<flags> (W3C Trace Context §3.2).
void copy_trace_id(std::string_view traceparent, std::array<std::uint8_t, 16>& out) {
  if (traceparent.size() < 55 || traceparent[2] != '-' || traceparent[35] != '-') return;
  std::array<std::uint8_t, 16> id{};
  for (std::size_t i = 0; i < id.size(); ++i) {
    const int high = codec::hex_value(traceparent[3 + 2 * i]);
    const int low = codec::hex_value(traceparent[4 + 2 * i]);
    if (high < 0 || low < 0) return;
    id[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  out = id;
}

void count(GatewayCounters& counters, const core::DecisionRecord& record) {
  counters.outcomes[static_cast<std::size_t>(record.outcome)].add();
  counters.status_classes[std::min<std::size_t>(record.status / 100, 5)].add();
  const auto bucket = std::lower_bound(kDurationBoundsUs.begin(), kDurationBoundsUs.end(), record.total_us);
  counters.durations[static_cast<std::size_t>(bucket - kDurationBoundsUs.begin())].add();
  counters.duration_sum_us.add(record.total_us);
  counters.bytes_in.add(record.bytes_in.value());
  counters.bytes_out.add(record.bytes_out.value());
}

void describe_limits(const RequestContext& context, core::DecisionRecord& record) {
  record.checks = static_cast<std::uint8_t>(context.limits.count());
  if (record.checks == 0) return;
  record.limits = context.limits.list();
  record.refused_by = context.outcome.refused_by;
  for (std::size_t i = 0; i < record.checks; ++i) {
    record.levels_before[i] = core::Level::of(context.outcome.answers[i].level_before);
  }
}

}  // namespace

void close_books(RequestContext& context, const Closing& closing) {
  if (std::exchange(context.recorded, true)) return;
  http::Exchange& exchange = context.exchange;
  core::DecisionRecord record;
  record.time_ns = exchange.started_wall().time_since_epoch().count();
  record.request_id = exchange.request_id();
  copy_trace_id(exchange.header(codec::HeaderId::traceparent), record.trace_id);
  record.key = context.caller.number;
  record.consumer = context.caller.consumer;
  record.status = closing.status;
  record.route = context.route == nullptr ? 0 : context.route->ref;
  record.tier = context.caller.tier;
  record.method = static_cast<std::uint8_t>(exchange.head().method);
  record.outcome = closing.outcome;
  record.cost = context.route == nullptr ? 0 : saturate<std::uint32_t>(context.route->cost);
  describe_limits(context, record);
  record.retry_after_ms = saturate<std::uint32_t>(closing.retry_after.count() / 1'000'000);
  record.total_us = microseconds(context.worker.loop().now() - exchange.started());
  record.upstream_us = context.upstream_us;
  record.bytes_in = exchange.body_bytes();
  record.bytes_out = exchange.bytes_out() + closing.last_bytes;
  record.client_net = context.client.bytes;
  record.client_family = context.client.family;
  record.generation = context.generation;
  context.worker.sink().append(record);
  count(context.worker.counters(), record);
  if (const auto dropped = exchange.head().underscored_dropped; dropped > 0) {
    context.worker.counters().underscored_fields_dropped.add(dropped);
  }
}

void record_refused(GatewayWorker& worker, const http::RefusedRequest& refused) {
  core::DecisionRecord record;
  record.time_ns = refused.at.time_since_epoch().count();
  record.request_id = refused.request_id;
  record.method = static_cast<std::uint8_t>(refused.method);
  record.status = refused.code == nullptr ? 204 : refused.code->status;
  record.outcome = refused.code == nullptr ? core::Outcome::local : core::Outcome::bad_request;
  const ClientNetwork client = client_network(refused.peer.ip);
  record.client_net = client.bytes;
  record.client_family = client.family;
  worker.sink().append(record);
  count(worker.counters(), record);
}

}  // namespace tollgate::services
