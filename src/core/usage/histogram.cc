#include "core/usage/histogram.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "core/usage/varint.h"

namespace tollgate::core {
namespace {

constexpr std::uint32_t kSubBuckets = 1u << Histogram::kScale;

constexpr double square_root(double of) {
  double root = of;
  for (int i = 0; i < 40; ++i) root = (root + of / root) / 2;
  return root;
}

// kBounds[k] = the least 32-bit mantissa (top bit set) that is above 2^(k/32). The bounds between are irrational, so
// that no mantissa meets one.
constexpr auto kBounds = [] {
  double step = 2;
  for (int i = 0; i < Histogram::kScale; ++i) step = square_root(step);
  std::array<std::uint64_t, kSubBuckets + 1> bounds{};
  double bound = 2147483648.0;
  for (std::uint32_t k = 0; k <= kSubBuckets; ++k, bound *= step) bounds[k] = static_cast<std::uint64_t>(bound) + 1;
  bounds[0] = 1ull << 31;
  bounds[kSubBuckets] = 1ull << 32;
  return bounds;
}();

// For each value of the mantissa's five bits after the top one: the sub-bucket of the least such mantissa. The
// narrowest sub-bucket is 0.022 wide and five bits tell 0.031 apart, so that the right one is at most two further.
constexpr auto kGuess = [] {
  std::array<std::uint8_t, kSubBuckets> guess{};
  for (std::uint32_t bits = 0; bits < kSubBuckets; ++bits) {
    const std::uint64_t mantissa = (1ull << 31) | (static_cast<std::uint64_t>(bits) << 26);
    std::uint8_t k = 0;
    while (kBounds[k + 1u] <= mantissa) ++k;
    guess[bits] = k;
  }
  return guess;
}();

// The value whose relative distance to both bounds is the same, (b-1)/(b+1) = 1.083 %.
double middle_of(std::uint32_t place) {
  if (place == 0) return 0;
  const double lower = std::exp2((static_cast<double>(place) - 2) / kSubBuckets);
  const double upper = std::exp2((static_cast<double>(place) - 1) / kSubBuckets);
  return 2 * lower * upper / (lower + upper);
}

}  // namespace

std::uint32_t Histogram::place_of(std::uint32_t value_us) {
  if (value_us == 0) return 0;
  const auto exponent = static_cast<std::uint32_t>(std::bit_width(value_us)) - 1;
  const std::uint32_t mantissa = value_us << (31 - exponent);
  if (mantissa == 1u << 31) return exponent * kSubBuckets + 1;  // a power of two is its bucket's upper bound
  std::uint32_t k = kGuess[(mantissa >> 26) & (kSubBuckets - 1)];
  while (kBounds[k + 1] <= mantissa) ++k;
  return exponent * kSubBuckets + k + 2;
}

void Histogram::record(std::uint32_t value_us) {
  const std::uint32_t place = place_of(value_us);
  const auto at = std::ranges::lower_bound(counts_, place, {}, &HistogramCount::place);
  if (at != counts_.end() && at->place == place) {
    ++at->count;
  } else {
    counts_.insert(at, {place, 1});
  }
}

void Histogram::add(std::span<const HistogramCount> others) {
  std::size_t at = 0;
  std::size_t missing = 0;
  for (const HistogramCount& other : others) {
    while (at < counts_.size() && counts_[at].place < other.place) ++at;
    if (at < counts_.size() && counts_[at].place == other.place) {
      counts_[at].count += other.count;
    } else {
      ++missing;
    }
  }
  if (missing == 0) return;
  // Those that were missing go in from the back, so that each bucket moves once.
  std::size_t from = counts_.size();
  std::size_t to = from + missing;
  counts_.resize(to);
  for (auto other = others.rbegin(); other != others.rend() && to > from; ++other) {
    while (from > 0 && counts_[from - 1].place > other->place) counts_[--to] = counts_[--from];
    const bool was_there = from > 0 && counts_[from - 1].place == other->place;
    if (!was_there) counts_[--to] = *other;
  }
}

std::uint64_t Histogram::count() const {
  std::uint64_t total = 0;
  for (const HistogramCount& one : counts_) total += one.count;
  return total;
}

double Histogram::quantile_us(double q) const {
  const std::uint64_t total = count();
  if (total == 0) return 0;
  const double wanted = std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(total));
  const auto rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, total);
  std::uint64_t seen = 0;
  for (const HistogramCount& one : counts_) {
    seen += one.count;
    if (rank <= seen) return middle_of(one.place);
  }
  return middle_of(counts_.back().place);
}

void Histogram::serialise(std::string& out) const {
  std::span<const HistogramCount> above = counts_;
  const bool has_zeros = !above.empty() && above.front().place == 0;
  out.push_back(static_cast<char>(kScale));
  append_varint(out, has_zeros ? above.front().count : 0);
  if (has_zeros) above = above.subspan(1);
  append_varint(out, above.size());
  std::uint32_t next = 1;
  for (const HistogramCount& one : above) {
    append_varint(out, one.place - next);
    append_varint(out, one.count);
    next = one.place + 1;
  }
}

std::optional<Histogram> Histogram::parse(std::string_view bytes) {
  if (bytes.empty() || static_cast<std::uint8_t>(bytes[0]) != kScale) return std::nullopt;
  bytes.remove_prefix(1);
  const auto zeros = take_varint(bytes);
  const auto size = take_varint(bytes);
  if (!zeros || !size || *size > kPlaces) return std::nullopt;
  Histogram parsed;
  if (*zeros > 0) parsed.counts_.push_back({0, *zeros});
  std::uint64_t total = *zeros;
  std::uint64_t next = 1;
  for (std::uint64_t i = 0; i < *size; ++i) {
    const auto distance = take_varint(bytes);
    const auto count = take_varint(bytes);
    if (!distance || !count || *distance >= kPlaces || *count == 0) return std::nullopt;
    if (next + *distance >= kPlaces || __builtin_add_overflow(total, *count, &total)) return std::nullopt;
    parsed.counts_.push_back({static_cast<std::uint32_t>(next + *distance), *count});
    next += *distance + 1;
  }
  if (!bytes.empty()) return std::nullopt;
  return parsed;
}

}  // namespace tollgate::core
