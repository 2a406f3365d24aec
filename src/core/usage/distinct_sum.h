// Adds up many sketches of one row: a hash table for as long as there are few different hashes, so that adding one that
// is there already takes two nanoseconds, and registers beyond. 8 KiB; one for as many sums as are taken one by one.
//
// Thread safety: one thread at a time.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/usage/distinct.h"

namespace tollgate::core {

class DistinctSum {
 public:
  void add(const DistinctView& sketch) {
    if (!sketch.registers.empty()) {
      to_registers();
      raise(registers_, sketch.registers);
    } else if (dense_) {
      raise(registers_, sketch.few);
    } else {
      for (const std::uint32_t hash : sketch.few) add(hash);
    }
  }
  // Puts the sum into `out`, in place of what is there, and starts over.
  void take(Distinct& out) {
    if (!dense_) std::ranges::sort(few_);
    out.assign(dense_ ? DistinctView{.few = {}, .registers = registers_} : DistinctView{.few = few_, .registers = {}});
    clear();
  }

 private:
  static constexpr std::size_t kSlots = 4 * kFewMax;

  // The high bits make a register's place; the low ones are as good.
  void add(std::uint32_t hash) {
    if (dense_) return raise(registers_, std::span(&hash, 1));
    std::size_t at = hash % kSlots;
    while (slots_[at] != 0 && few_[slots_[at] - 1u] != hash) at = (at + 1) % kSlots;
    if (slots_[at] != 0) return;
    few_.push_back(hash);
    slots_[at] = static_cast<std::uint16_t>(few_.size());
    if (few_.size() > kFewMax) to_registers();
  }
  void to_registers() {
    if (dense_) return;
    registers_.assign(kDistinctRegisters, 0);
    raise(registers_, few_);
    forget_few();
    dense_ = true;
  }
  void forget_few() {
    if (few_.size() > kSlots / 16) {
      slots_.fill(0);
    } else {
      for (const std::uint32_t hash : few_) forget(hash);
    }
    few_.clear();
  }
  void clear() {
    forget_few();
    dense_ = false;
  }
  // With everything else that stands there: all of it is being forgotten.
  void forget(std::uint32_t hash) {
    for (std::size_t at = hash % kSlots; slots_[at] != 0; at = (at + 1) % kSlots) slots_[at] = 0;
  }

  std::array<std::uint16_t, kSlots> slots_{};  // index in few_ + 1; 0 is free
  std::vector<std::uint32_t> few_;
  std::vector<std::uint8_t> registers_;  // once it is dense
  bool dense_ = false;
};

}  // namespace tollgate::core
