// How many different things there are, without keeping them: HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007) with
// the estimator of Ertl (arXiv:1702.01284, algorithm 6), which needs no table of corrections.
//
// A few hashes are kept as they are and counted exactly; beyond kFewMax they become registers. What a set of hashes
// comes to does not depend on the order in which they came, so that merging two is the sketch of the union: distinct
// clients of any span of time, routes and keys come out as if they had been counted at once.
//
// Precision 12 and not 14: 2 KiB a row instead of 8 where there are many, for ±3.3 % instead of ±1.6 %.
//
// Pure. Thread safety: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tollgate::core {

inline constexpr unsigned kDistinctPrecision = 12;
inline constexpr std::size_t kDistinctRegisters = std::size_t{1} << kDistinctPrecision;
// What a register can show: the place of the first 1 in the rest of a hash, or one beyond its end.
inline constexpr std::uint8_t kDistinctRankMax = 32 - kDistinctPrecision + 1;
inline constexpr std::size_t kFewMax = 512;
// Two standard errors of 1.04 / √registers: 19 of 20 estimates are closer. Up to kFewMax they are exact, but for one
// set in 30,000 in which two hashes are the same.
inline constexpr double kDistinctRelativeError = 0.033;

// A sketch, seen from outside: one of the two is empty.
struct DistinctView {
  std::span<const std::uint32_t> few;       // in ascending order, each once, at most kFewMax
  std::span<const std::uint8_t> registers;  // kDistinctRegisters of them, at most kDistinctRankMax each
  bool empty() const { return few.empty() && registers.empty(); }
};

std::uint64_t estimate(const DistinctView& sketch);
// Raises the registers to what they are with these hashes.
void raise(std::span<std::uint8_t> registers, std::span<const std::uint32_t> hashes);
void raise(std::span<std::uint8_t> registers, std::span<const std::uint8_t> others);

// A sketch that owns itself. ~2 KiB when it is full of hashes, 4 KiB as registers.
class Distinct {
 public:
  // All bits of the hash count: it must be a good one.
  void add(std::uint32_t hash) { add(DistinctView{.few = {&hash, 1}, .registers = {}}); }
  void add(const DistinctView& other);
  DistinctView view() const { return {.few = few_, .registers = registers_}; }
  std::uint64_t count() const { return estimate(view()); }
  // A copy, in place of what is there.
  void assign(const DistinctView& other);
  bool operator==(const Distinct&) const = default;

 private:
  void to_registers();

  std::vector<std::uint32_t> few_;
  std::vector<std::uint8_t> registers_;
};

}  // namespace tollgate::core
