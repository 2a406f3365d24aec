// A list of metrics that are read when somebody asks. Whoever counts keeps its own per-worker counters and registers a
// function that adds them up: nothing shared is touched on the request path.
//
// Thread safety: add at start-up; render() from any thread, the functions must allow that.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tollgate::telemetry {

using Labels = std::vector<std::pair<std::string, std::string>>;

// A number one thread adds to and any thread reads. Not an atomic add: the owner is alone.
class OwnedCounter {
 public:
  void add(std::uint64_t by = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct HistogramSnapshot {
  std::vector<double> bounds;         // upper bounds, seconds, ascending, without +Inf
  std::vector<std::uint64_t> counts;  // per bucket, not cumulative; one more than bounds
  double sum = 0;
};

class Registry {
 public:
  // Names follow Prometheus: tollgate_requests_total. The same name may be added with other labels; its help is the
  // first one's.
  void counter(std::string name, std::string help, Labels labels, std::function<double()> read);
  void gauge(std::string name, std::string help, Labels labels, std::function<double()> read);
  void histogram(std::string name, std::string help, Labels labels, std::function<HistogramSnapshot()> read);

  // Text exposition format 0.0.4.
  std::string render() const;

 private:
  enum class Kind : std::uint8_t { counter, gauge, histogram };
  struct Metric {
    Kind kind;
    std::string name;
    std::string help;
    Labels labels;
    std::function<double()> value;
    std::function<HistogramSnapshot()> buckets;
  };
  void add(Metric metric);

  std::vector<Metric> metrics_;
};

// Process-wide gauges: resident memory, open descriptors, CPU seconds, start time.
void add_process_metrics(Registry& registry);

}  // namespace tollgate::telemetry
