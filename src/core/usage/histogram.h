// Latencies as a base-2 exponential histogram (OpenTelemetry's layout, scale 5): bucket i holds the values in
// (2^(i/32), 2^((i+1)/32)], so any quantile is right to ±1.1 % whatever the range, and histograms of any two spans of
// time, keys or routes merge without losing that. Sparse: it costs what it holds.
//
// Values are microseconds, 0 … 2^32-1. Thread safety: a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::core {

// How many values are in one bucket. Lists of these are in order of place, each place once, no count 0.
struct HistogramCount {
  std::uint32_t place = 0;  // 0: the value 0; n: the bucket of index n-2 (value 1 has index -1)
  std::uint64_t count = 0;
  bool operator==(const HistogramCount&) const = default;
};

class Histogram {
 public:
  static constexpr std::uint8_t kScale = 5;
  static constexpr std::uint32_t kPlaces = (32u << kScale) + 2;
  static constexpr double kRelativeErrorMax = 0.011;

  // ~20 ns once the value's bucket exists.
  void record(std::uint32_t value_us);
  void merge(const Histogram& other) { add(other.counts_); }
  void add(std::span<const HistogramCount> counts);
  std::span<const HistogramCount> counts() const { return counts_; }
  static std::uint32_t place_of(std::uint32_t value_us);

  std::uint64_t count() const;
  // The value of rank ceil(q × count), for q in 0 … 1, within kRelativeErrorMax; 0 when empty.
  double quantile_us(double q) const;

  // One byte of scale, then varints: zeros, buckets, and per bucket (distance to the one before, count).
  void serialise(std::string& out) const;
  // Nothing for bytes that serialise() cannot have written.
  static std::optional<Histogram> parse(std::string_view bytes);

  bool operator==(const Histogram&) const = default;

 private:
  std::vector<HistogramCount> counts_;
};

}  // namespace tollgate::core
