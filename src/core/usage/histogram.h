// Latencies as a base-2 exponential histogram (OpenTelemetry's layout, scale 5): bucket i holds the values in
// (2^(i/32), 2^((i+1)/32)], so any quantile is right to ±1.1 % whatever the range, and histograms of any two spans of
// time, keys or routes merge without losing that. Sparse: it costs what it holds.
//
// Values are microseconds, 0 … 2^32-1. Thread safety: a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::core {

class Histogram {
 public:
  static constexpr std::uint8_t kScale = 5;
  static constexpr double kRelativeErrorMax = 0.011;

  // ~20 ns once the value's bucket exists.
  void record(std::uint32_t value_us);
  void merge(const Histogram& other);
  // Adds what serialise() wrote, without the detour over another Histogram. False, and nothing added, when it is
  // malformed.
  [[nodiscard]] bool merge_serialised(std::string_view bytes);

  std::uint64_t count() const;
  // The value of rank ceil(q × count), for q in 0 … 1, within kRelativeErrorMax; 0 when empty.
  double quantile_us(double q) const;

  // One byte of scale, then varints: zeros, buckets, and per bucket (distance to the one before, count).
  void serialise(std::string& out) const;
  // Nothing for bytes that serialise() cannot have written.
  static std::optional<Histogram> parse(std::string_view bytes);

  bool operator==(const Histogram&) const = default;

 private:
  struct Bucket {
    std::uint32_t slot = 0;  // index + 1: value 1 has index -1
    std::uint64_t count = 0;
    bool operator==(const Bucket&) const = default;
  };
  static bool read(std::string_view bytes, std::uint64_t& zeros, std::vector<Bucket>& buckets);
  void add_buckets(const std::vector<Bucket>& others);

  std::uint64_t zeros_ = 0;
  std::vector<Bucket> buckets_;  // by slot, ascending, counts > 0
};

}  // namespace tollgate::core
