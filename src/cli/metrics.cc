#include "cli/metrics.h"

namespace tollgate::cli {
namespace {

Task<http::Response> healthy() {
  co_return http::json(R"({"status":"healthy","service":"gateway"})");
}

}  // namespace

void add_limit_metrics(telemetry::Registry& registry, const stores::MemoryLimitStore& limits) {
  const auto add = [&](const char* name, const char* help, auto member, bool is_counter) {
    auto read = [&limits, member] { return static_cast<double>(limits.stats().*member); };
    if (is_counter) {
      registry.counter(name, help, {}, std::move(read));
    } else {
      registry.gauge(name, help, {}, std::move(read));
    }
  };
  add("tollgate_limiter_buckets", "Buckets in memory.", &stores::MemoryLimitStats::buckets, false);
  add("tollgate_limiter_bytes", "Memory that buckets take.", &stores::MemoryLimitStats::bytes, false);
  add("tollgate_limiter_forgotten_total", "Full buckets whose place went to others.",
      &stores::MemoryLimitStats::forgotten, true);
  add("tollgate_limiter_overflow_decisions_total", "Decisions for keys that found no room.",
      &stores::MemoryLimitStats::overflow_decisions, true);
}

void add_remote_limit_metrics(telemetry::Registry& registry, const stores::RemoteLimitStore& limits) {
  using Stats = stores::RemoteLimitStats;
  const auto reader = [&](auto member) {
    return [&limits, member] { return static_cast<double>(limits.stats().*member); };
  };
  registry.counter("tollgate_limiter_remote_calls_total", "Requests to the limiter service, each with up to 64 checks.",
                   {}, reader(&Stats::calls));
  registry.counter("tollgate_limiter_remote_failures_total", "Of those, without a usable answer in time.", {},
                   reader(&Stats::failures));
  registry.counter("tollgate_limiter_remote_decisions_total", "Checks that the limiter service decided.", {},
                   reader(&Stats::remote_decisions));
  registry.counter("tollgate_limiter_remote_local_decisions_total",
                   "Checks decided here because the limiter service did not answer.", {},
                   reader(&Stats::local_decisions));
  registry.counter("tollgate_limiter_remote_outages_total", "Times a worker stopped asking the limiter service.", {},
                   reader(&Stats::outages));
  registry.gauge("tollgate_limiter_remote_paused_workers",
                 "Workers that do not ask the limiter service at the moment: 0 when all is well.", {},
                 reader(&Stats::paused_loops));
}

void add_log_metrics(telemetry::Registry& registry, std::function<std::optional<ports::LogCounters>()> counters) {
  const auto add = [&](const char* name, const char* help, auto read, bool is_counter, telemetry::Labels labels = {}) {
    auto value = [counters, read] {
      const auto now = counters();
      return now ? static_cast<double>(read(*now)) : 0.0;
    };
    if (is_counter) {
      registry.counter(name, help, std::move(labels), std::move(value));
    } else {
      registry.gauge(name, help, std::move(labels), std::move(value));
    }
  };
  using Counters = ports::LogCounters;
  add(
      "tollgate_log_produced_total", "Requests that left a record, or should have.",
      [](const Counters& c) { return c.produced; }, true);
  add("tollgate_log_stored_total", "Records committed by analytics.", [](const Counters& c) { return c.stored; }, true);
  add(
      "tollgate_log_spooled", "Records safe on this gateway, not yet committed.",
      [](const Counters& c) { return c.spooled; }, false);
  add(
      "tollgate_log_spooled_counts", "Of those spooled, records of which only counts are left: there was no room.",
      [](const Counters& c) { return c.spooled_counts; }, false);
  add(
      "tollgate_log_aggregated_total", "Records committed as counts only: there was no room for their detail.",
      [](const Counters& c) { return c.aggregated; }, true);
  const char* const dropped =
      "Records lost, each counted: there was no room even for counts, or the disk damaged them.";
  add("tollgate_log_dropped_total", dropped, [](const Counters& c) { return c.dropped_no_room; }, true,
      {{"reason", "no_room"}});
  add("tollgate_log_dropped_total", dropped, [](const Counters& c) { return c.dropped - c.dropped_no_room; }, true,
      {{"reason", "damage"}});
  add(
      "tollgate_log_unaccounted", "Produced less all of the above: 0.",
      [](const Counters& c) { return c.unaccounted(); }, false);
}

void add_request_log_metrics(telemetry::Registry& registry, const ports::RequestLog& log) {
  using Stats = ports::RequestLogStats;
  const auto add = [&](const char* name, const char* help, std::uint64_t Stats::* member) {
    registry.gauge(name, help, {}, [&log, member] { return static_cast<double>(log.stats().*member); });
  };
  add("tollgate_requests_records", "Single requests that can be searched for.", &Stats::records);
  add("tollgate_requests_bytes", "Disk that they take.", &Stats::bytes);
  add("tollgate_requests_files", "Files that they are in.", &Stats::files);
  add("tollgate_requests_damaged", "Places in these files that cannot be read: 0 when all is well.", &Stats::damaged);
}

void add_log_health_metrics(telemetry::Registry& registry, const stores::SegmentDecisionLog& log) {
  registry.gauge("tollgate_log_condition",
                 "0: whole; 1: in memory, without a file; 2: the disk takes nothing; 3: counts instead of records; "
                 "4: records are dropped.",
                 {}, [&log] { return static_cast<double>(log.health().condition); });
  registry.gauge("tollgate_log_segment_bytes", "What segments take on this gateway's disk.", {},
                 [&log] { return static_cast<double>(log.health().segment_bytes); });
  registry.counter("tollgate_log_write_failures_total", "Times the disk did not take what was to be written.", {},
                   [&log] { return static_cast<double>(log.health().write_failures); });
}

void add_usage_metrics(telemetry::Registry& registry, ports::UsageReader& usage, const Clock& clock) {
  const auto reader = [&](auto read) {
    return [&usage, &clock, read] {
      const auto stats = usage.system_stats(clock.wall_now());
      return stats ? static_cast<double>(read(*stats)) : 0.0;
    };
  };
  using Stats = ports::SystemStats;
  registry.gauge("tollgate_usage_db_bytes", "What usage.db takes on disk, its write-ahead log included.", {},
                 reader([](const Stats& stats) { return stats.storage.bytes; }));
  registry.gauge("tollgate_usage_db_free_bytes", "Of them, without use at the moment.", {},
                 reader([](const Stats& stats) { return stats.storage.free_bytes; }));
  registry.gauge("tollgate_usage_db_max_bytes", "Beyond these, the finest figures go; 0: no bound.", {},
                 reader([](const Stats& stats) { return stats.storage.max_bytes; }));
  constexpr const char* kClamped = "Records that came later than a week, or ahead of the clock here.";
  registry.counter("tollgate_usage_clamped_records_total", kClamped, {{"time", "past"}},
                   reader([](const Stats& stats) { return stats.clamped.past; }));
  registry.counter("tollgate_usage_clamped_records_total", kClamped, {{"time", "future"}},
                   reader([](const Stats& stats) { return stats.clamped.future; }));
}

void add_connection_metrics(telemetry::Registry& registry, const std::shared_ptr<const http::ServerCounts>& counts) {
  registry.gauge("tollgate_client_connections", "Connections of clients that are open.", {},
                 [counts] { return static_cast<double>(counts->open.load(std::memory_order_relaxed)); });
  registry.counter("tollgate_client_connections_turned_away_total",
                   "Connections beyond the most allowed, answered 503.", {},
                   [counts] { return static_cast<double>(counts->turned_away.load(std::memory_order_relaxed)); });
  registry.counter(
      "tollgate_client_connections_turned_away_per_client_total", "Of those, beyond the most allowed to one client.",
      {}, [counts] { return static_cast<double>(counts->turned_away_per_client.load(std::memory_order_relaxed)); });
}

void add_health_endpoint(http::Router& router) {
  router.add("GET /health", {}, [](http::Request&) { return healthy(); });
}

}  // namespace tollgate::cli
