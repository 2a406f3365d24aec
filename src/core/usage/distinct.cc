#include "core/usage/distinct.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

namespace tollgate::core {
namespace {

constexpr double kRegisters = static_cast<double>(kDistinctRegisters);

std::uint8_t rank_of(std::uint32_t hash) {
  const std::uint32_t rest = hash << kDistinctPrecision;
  return rest == 0 ? kDistinctRankMax : static_cast<std::uint8_t>(std::countl_zero(rest) + 1);
}

// x + Σ x^(2^k) 2^(k-1), k ≥ 1: what the registers that are still 0 add.
double sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double power = 1;
  double sum = x;
  for (double before = -1; sum != before;) {
    x *= x;
    before = std::exchange(sum, sum + x * power);
    power += power;
  }
  return sum;
}

// (1 - x - Σ (1 - x^(2^-k))² 2^-k, k ≥ 1) / 3: what those at their end take away.
double tau(double x) {
  if (x == 0 || x == 1) return 0;
  double power = 1;
  double sum = 1 - x;
  for (double before = -1; sum != before;) {
    x = std::sqrt(x);
    power /= 2;
    before = std::exchange(sum, sum - (1 - x) * (1 - x) * power);
  }
  return sum / 3;
}

}  // namespace

std::uint64_t estimate(const DistinctView& sketch) {
  if (sketch.registers.empty()) return sketch.few.size();
  std::array<std::uint32_t, kDistinctRankMax + 1> of_rank{};
  for (const std::uint8_t rank : sketch.registers) ++of_rank[std::min(rank, kDistinctRankMax)];
  double sum = kRegisters * tau(1 - of_rank[kDistinctRankMax] / kRegisters);
  for (std::size_t rank = kDistinctRankMax - 1u; rank >= 1; --rank) sum = (sum + of_rank[rank]) / 2;
  sum += kRegisters * sigma(of_rank[0] / kRegisters);
  constexpr double kAlpha = 0.5 / 0.693147180559945309;  // 1 / (2 ln 2)
  return static_cast<std::uint64_t>(std::llround(kAlpha * kRegisters * kRegisters / sum));
}

void raise(std::span<std::uint8_t> registers, std::span<const std::uint32_t> hashes) {
  for (const std::uint32_t hash : hashes) {
    std::uint8_t& reg = registers[hash >> (32 - kDistinctPrecision)];
    reg = std::max(reg, rank_of(hash));
  }
}

void raise(std::span<std::uint8_t> registers, std::span<const std::uint8_t> others) {
  for (std::size_t i = 0; i < registers.size(); ++i) registers[i] = std::max(registers[i], others[i]);
}

void Distinct::assign(const DistinctView& other) {
  few_.assign(other.few.begin(), other.few.end());
  registers_.assign(other.registers.begin(), other.registers.end());
}

void Distinct::add(const DistinctView& other) {
  if (!other.registers.empty()) {
    to_registers();
    return raise(registers_, other.registers);
  }
  if (!registers_.empty()) return raise(registers_, other.few);
  if (other.few.empty()) return;
  std::vector<std::uint32_t> both;
  both.reserve(few_.size() + other.few.size());
  std::ranges::set_union(few_, other.few, std::back_inserter(both));
  few_ = std::move(both);
  if (few_.size() > kFewMax) to_registers();
}

void Distinct::to_registers() {
  if (!registers_.empty()) return;
  registers_.assign(kDistinctRegisters, 0);
  raise(registers_, few_);
  few_ = {};
}

}  // namespace tollgate::core
