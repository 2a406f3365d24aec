#include "core/usage/histogram.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "core/usage/varint.h"

namespace tollgate::core {
namespace {

constexpr std::uint32_t kSubBuckets = 1u << Histogram::kScale;
constexpr std::uint32_t kSlots = 32 * kSubBuckets + 1;

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

std::uint32_t slot_of(std::uint32_t value) {
  const auto exponent = static_cast<std::uint32_t>(std::bit_width(value)) - 1;
  const std::uint32_t mantissa = value << (31 - exponent);
  if (mantissa == 1u << 31) return exponent * kSubBuckets;  // a power of two is its bucket's upper bound
  std::uint32_t k = kGuess[(mantissa >> 26) & (kSubBuckets - 1)];
  while (kBounds[k + 1] <= mantissa) ++k;
  return exponent * kSubBuckets + k + 1;
}

// The value whose relative distance to both bounds is the same, (b-1)/(b+1) = 1.083 %.
double middle_of(std::uint32_t slot) {
  const double lower = std::exp2((static_cast<double>(slot) - 1) / kSubBuckets);
  const double upper = std::exp2(static_cast<double>(slot) / kSubBuckets);
  return 2 * lower * upper / (lower + upper);
}

}  // namespace

void Histogram::record(std::uint32_t value_us) {
  if (value_us == 0) {
    ++zeros_;
    return;
  }
  const std::uint32_t slot = slot_of(value_us);
  const auto at = std::ranges::lower_bound(buckets_, slot, {}, &Bucket::slot);
  if (at != buckets_.end() && at->slot == slot) {
    ++at->count;
  } else {
    buckets_.insert(at, Bucket{slot, 1});
  }
}

void Histogram::merge(const Histogram& other) {
  zeros_ += other.zeros_;
  add_buckets(other.buckets_);
}

void Histogram::add_buckets(const std::vector<Bucket>& others) {
  std::size_t at = 0;
  std::size_t missing = 0;
  for (const Bucket& other : others) {
    while (at < buckets_.size() && buckets_[at].slot < other.slot) ++at;
    if (at < buckets_.size() && buckets_[at].slot == other.slot) {
      buckets_[at].count += other.count;
    } else {
      ++missing;
    }
  }
  if (missing == 0) return;
  // Those that were missing go in from the back, so that each bucket moves once.
  std::size_t from = buckets_.size();
  std::size_t to = from + missing;
  buckets_.resize(to);
  for (auto other = others.rbegin(); other != others.rend() && to > from; ++other) {
    while (from > 0 && buckets_[from - 1].slot > other->slot) buckets_[--to] = buckets_[--from];
    const bool was_there = from > 0 && buckets_[from - 1].slot == other->slot;
    if (!was_there) buckets_[--to] = *other;
  }
}

bool Histogram::merge_serialised(std::string_view bytes) {
  static thread_local std::vector<Bucket> buckets;
  std::uint64_t zeros = 0;
  if (!read(bytes, zeros, buckets)) return false;
  zeros_ += zeros;
  add_buckets(buckets);
  return true;
}

std::uint64_t Histogram::count() const {
  std::uint64_t total = zeros_;
  for (const Bucket& bucket : buckets_) total += bucket.count;
  return total;
}

double Histogram::quantile_us(double q) const {
  const std::uint64_t total = count();
  if (total == 0) return 0;
  const double wanted = std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(total));
  const auto rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, total);
  std::uint64_t seen = zeros_;
  if (rank <= seen) return 0;
  for (const Bucket& bucket : buckets_) {
    seen += bucket.count;
    if (rank <= seen) return middle_of(bucket.slot);
  }
  return middle_of(buckets_.back().slot);
}

void Histogram::serialise(std::string& out) const {
  out.push_back(static_cast<char>(kScale));
  append_varint(out, zeros_);
  append_varint(out, buckets_.size());
  std::uint32_t next = 0;
  for (const Bucket& bucket : buckets_) {
    append_varint(out, bucket.slot - next);
    append_varint(out, bucket.count);
    next = bucket.slot + 1;
  }
}

bool Histogram::read(std::string_view bytes, std::uint64_t& zeros, std::vector<Bucket>& buckets) {
  buckets.clear();
  if (bytes.empty() || static_cast<std::uint8_t>(bytes[0]) != kScale) return false;
  bytes.remove_prefix(1);
  const auto zeros_read = take_varint(bytes);
  const auto size = take_varint(bytes);
  if (!zeros_read || !size || *size > kSlots) return false;
  std::uint64_t total = zeros = *zeros_read;
  std::uint64_t next = 0;
  for (std::uint64_t i = 0; i < *size; ++i) {
    const auto distance = take_varint(bytes);
    const auto count = take_varint(bytes);
    if (!distance || !count || *distance >= kSlots || *count == 0) return false;
    if (next + *distance >= kSlots || __builtin_add_overflow(total, *count, &total)) return false;
    buckets.push_back({static_cast<std::uint32_t>(next + *distance), *count});
    next += *distance + 1;
  }
  return bytes.empty();
}

std::optional<Histogram> Histogram::parse(std::string_view bytes) {
  Histogram parsed;
  if (!read(bytes, parsed.zeros_, parsed.buckets_)) return std::nullopt;
  return parsed;
}

}  // namespace tollgate::core
