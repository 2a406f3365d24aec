// Adds up many histograms: an array with a place for every bucket, and a bit for each that is in use, so that adding
// one count is a few instructions and nothing is ever moved. 8 KiB; one for as many sums as are taken one by one.
//
// Thread safety: one thread at a time.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "core/usage/histogram.h"

namespace tollgate::core {

class HistogramSum {
 public:
  void add(std::span<const HistogramCount> counts) {
    for (const HistogramCount& one : counts) add(one.place, one.count);
  }
  void record(std::uint32_t value_us) { add(Histogram::place_of(value_us), 1); }
  // Puts the sum into `out`, in place of what is there, and starts over.
  void take(std::vector<HistogramCount>& out) {
    out.clear();
    for (std::uint32_t word = 0; word < used_.size(); ++word) {
      for (std::uint64_t bits = used_[word]; bits != 0; bits &= bits - 1) {
        const std::uint32_t place = word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
        out.push_back({place, counts_[place]});
        counts_[place] = 0;
      }
      used_[word] = 0;
    }
  }

 private:
  void add(std::uint32_t place, std::uint64_t count) {
    counts_[place] += count;
    used_[place / 64] |= std::uint64_t{1} << (place % 64);
  }

  std::array<std::uint64_t, Histogram::kPlaces> counts_{};
  std::array<std::uint64_t, (Histogram::kPlaces + 63) / 64> used_{};
};

}  // namespace tollgate::core
