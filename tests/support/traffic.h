// Records as a busy gateway leaves them, for tests and benchmarks of whatever keeps them: keys of which few are busy,
// routes with latencies and sizes of their own, buckets that drain and refill, answers out of the order of requests.
// The same seed gives the same records.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/scatter.h"
#include "base/str.h"
#include "core/usage/names.h"
#include "core/usage/record_batch.h"

namespace tollgate::testing {

struct TrafficOptions {
  std::uint64_t seed = 1;
  double per_second = 20'000;
  std::size_t keys = 10'000;
  std::size_t routes = 20;
  std::size_t workers = 2;
  double traced = 0;  // share of requests with a trace id
  std::int64_t start_ns = 1'790'000'000'000'000'000;
};

// Thread safety: one thread at a time.
class Traffic {
 public:
  explicit Traffic(TrafficOptions options = {}) : options_(options), random_(options.seed), now_ns_(options.start_ns) {
    double sum = 0;
    for (std::size_t i = 0; i < options_.keys; ++i) shares_.push_back(sum += 1.0 / static_cast<double>(i + 1));
    for (std::size_t i = 0; i < options_.keys; ++i) callers_.push_back(make_caller());
    for (std::size_t i = 0; i < options_.routes; ++i) routes_.push_back(make_route(i));
    for (std::size_t i = 0; i < options_.workers; ++i) {
      workers_.push_back({.ring_id = random_(), .counter = static_cast<std::uint32_t>(random_())});
    }
  }

  // The next records of one worker, in the order of their sequence; the workers take turns.
  core::RecordBatch next_batch(std::size_t records = core::kBatchRecordsMax) {
    Worker& worker = workers_[turn_++ % workers_.size()];
    while (worker.waiting.size() < records + kInFlight) add_request();
    core::RecordBatch batch{.ring_id = worker.ring_id, .names = {}, .records = {}};
    for (std::size_t i = 0; i < records; ++i) {
      batch.records.push_back(worker.waiting.top().record);
      batch.records.back().sequence = worker.sequence++;
      worker.waiting.pop();
    }
    add_names(batch);
    return batch;
  }

  // By how busy it is; 0 is the busiest.
  std::uint64_t key(std::size_t rank) const { return callers_[rank].key; }
  std::int64_t now_ns() const { return now_ns_; }

 private:
  static constexpr std::size_t kInFlight = 200;

  struct Caller {
    std::uint64_t key = 0;
    core::NameRef tier = 0, consumer = 0;
    double burst = 0, rate = 0, level = 0;
    std::int64_t filled_ns = 0;
    std::array<std::uint32_t, 2> addresses{};
  };
  struct Route {
    core::NameRef name = 0, limits = 0;
    std::uint8_t method = 0;
    std::uint32_t cost = 1;
    double latency_us = 0, bytes_out = 0;
    bool one_size = false;
  };
  struct Finished {
    std::int64_t at_ns = 0;
    core::DecisionRecord record;
    bool operator<(const Finished& other) const { return at_ns > other.at_ns; }  // the earliest is on top
  };
  struct Worker {
    std::uint64_t ring_id = 0;
    std::uint64_t sequence = 0;
    std::uint32_t counter = 0;
    std::priority_queue<Finished> waiting = {};
  };

  core::NameRef name(core::NameKind kind, const std::string& text) {
    const core::NameRef ref = core::name_ref(kind, text);
    names_.try_emplace({kind, ref}, text);
    return ref;
  }
  void add_names(core::RecordBatch& batch) const {
    std::set<std::pair<core::NameKind, core::NameRef>> used;
    for (const core::DecisionRecord& record : batch.records) {
      used.insert({{core::NameKind::route, record.route},
                   {core::NameKind::tier, record.tier},
                   {core::NameKind::consumer, record.consumer},
                   {core::NameKind::limits, record.limits}});
    }
    for (const auto& name : used) batch.names.push_back({name.first, name.second, names_.at(name)});
  }
  double uniform() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  double spread(double median, double sigma) {
    return std::lognormal_distribution<double>(std::log(median), sigma)(random_);
  }

  Caller make_caller() {
    static constexpr std::array<const char*, 3> kTiers = {"free", "pro", "enterprise"};
    const double roll = uniform();
    const std::size_t tier = roll < 0.7 ? 0 : roll < 0.95 ? 1 : 2;
    const double burst = std::pow(10, static_cast<double>(tier) + 2);
    return {.key = 1 + random_() % 839'299'365'868'340'224u,
            .tier = name(core::NameKind::tier, kTiers[tier]),
            .consumer = name(core::NameKind::consumer, str::cat("customer-", random_() % (options_.keys / 50 + 1))),
            .burst = burst,
            .rate = burst / 10,
            .level = burst,
            .filled_ns = options_.start_ns,
            .addresses = {static_cast<std::uint32_t>(random_()), static_cast<std::uint32_t>(random_())}};
  }
  Route make_route(std::size_t number) {
    return {.name = name(core::NameKind::route, str::cat("route-", number)),
            .limits = name(core::NameKind::limits, number % 4 == 0 ? "key(key),all()" : "key(key)"),
            .method = static_cast<std::uint8_t>(number % 3 == 2 ? 2 : 0),
            .cost = number % 7 == 6 ? 5u : 1u,
            .latency_us = spread(8'000, 1),
            .bytes_out = std::floor(spread(2'000, 1)),
            .one_size = number % 3 == 2};
  }

  void add_request() {
    now_ns_ += static_cast<std::int64_t>(std::exponential_distribution<double>(options_.per_second / 1e9)(random_));
    Worker& worker = workers_[random_() % workers_.size()];
    const double pick = uniform() * shares_.back();
    const auto rank = static_cast<std::size_t>(std::ranges::lower_bound(shares_, pick) - shares_.begin());
    const auto place = static_cast<std::size_t>(uniform() * uniform() * static_cast<double>(routes_.size()));
    const core::DecisionRecord record = make_record(worker, callers_[rank], routes_[place]);
    worker.waiting.push({.at_ns = now_ns_ + std::int64_t{record.total_us} * 1'000, .record = record});
  }

  core::DecisionRecord make_record(Worker& worker, Caller& caller, const Route& route) {
    core::DecisionRecord record;
    record.time_ns = now_ns_;
    record.request_id = static_cast<std::uint64_t>(now_ns_ / 1'000'000'000) << 32 | scatter(worker.counter++);
    record.key = caller.key;
    record.tier = caller.tier;
    record.consumer = caller.consumer;
    const std::uint32_t address = caller.addresses[uniform() < 0.9 ? 0 : 1];
    std::memcpy(record.client_net.data(), &address, sizeof(address));
    record.client_family = 4;
    record.route = route.name;
    record.limits = route.limits;
    record.method = route.method;
    record.cost = route.cost;
    record.generation = static_cast<std::uint32_t>(now_ns_ / 60'000'000'000);
    if (uniform() < options_.traced) {
      for (std::uint8_t& byte : record.trace_id) byte = static_cast<std::uint8_t>(random_());
    }
    decide(record, caller, route);
    return record;
  }

  void decide(core::DecisionRecord& record, Caller& caller, const Route& route) {
    const double passed = static_cast<double>(now_ns_ - caller.filled_ns) / 1e9;
    caller.level = std::min(caller.burst, caller.level + passed * caller.rate);
    caller.filled_ns = now_ns_;
    record.checks = route.limits == core::name_ref(core::NameKind::limits, "key(key)") ? 1 : 2;
    record.levels_before[0] = core::Level::of(static_cast<std::uint64_t>(caller.level));
    if (record.checks == 2) record.levels_before[1] = core::Level::of(49'000 + random_() % 1'000);
    record.total_us = 60 + static_cast<std::uint32_t>(random_() % 60);
    if (caller.level < record.cost) {
      record.status = 429;
      record.outcome = core::Outcome::limited;
      record.refused_by = 0;
      record.retry_after_ms = static_cast<std::uint32_t>((record.cost - caller.level) / caller.rate * 1'000) + 1;
      record.bytes_out = 312;
      return;
    }
    caller.level -= record.cost;
    const double roll = uniform();
    record.status = roll < 0.95 ? 200 : roll < 0.99 ? 404 : 500;
    record.upstream_us = static_cast<std::uint32_t>(std::min(spread(route.latency_us, 0.5), 4e6));
    record.total_us += record.upstream_us;
    if (record.method == 2) record.bytes_in = static_cast<std::uint64_t>(spread(300, 0.4));
    record.bytes_out = route.one_size ? static_cast<std::uint64_t>(route.bytes_out)
                                      : static_cast<std::uint64_t>(spread(route.bytes_out, 0.3));
  }

  TrafficOptions options_;
  std::mt19937_64 random_;
  std::int64_t now_ns_;
  std::size_t turn_ = 0;
  std::vector<double> shares_;  // running sums
  std::vector<Caller> callers_;
  std::vector<Route> routes_;
  std::vector<Worker> workers_;
  std::map<std::pair<core::NameKind, core::NameRef>, std::string> names_;
};

}  // namespace tollgate::testing
