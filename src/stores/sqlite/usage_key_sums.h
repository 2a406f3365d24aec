// Sums by key of so many rows that a table of them would miss the cache at each: rows are dealt to small piles by a
// hash of their key, and a pile that has doubled is summed up by itself.
//
// 16 bytes a key, twice that at most, and ~10 ns a row. Thread safety: one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tollgate::stores {

class KeySums {
 public:
  struct Sum {
    std::uint64_t key = 0;
    std::uint64_t value = 0;
  };

  void add(std::uint64_t key, std::uint64_t value) {
    Pile& pile = piles_[(key * kOdd) >> (64 - kPileBits)];
    if (!pile.sums.empty() && pile.sums.back().key == key) {
      pile.sums.back().value += value;
      return;
    }
    if (pile.sums.size() >= pile.limit) sum_up(pile);
    pile.sums.push_back({key, value});
  }
  // The greatest, in order: greater values first, then lesser keys. `all` becomes the number of keys.
  std::vector<Sum> greatest(std::size_t count, std::size_t& all);

 private:
  static constexpr std::uint64_t kOdd = 0x9e37'79b9'7f4a'7c15;
  static constexpr unsigned kPileBits = 10;
  static constexpr std::size_t kLimitMin = 512;
  struct Pile {
    std::vector<Sum> sums;  // those of one key may come apart
    std::size_t limit = kLimitMin;
  };
  void sum_up(Pile& pile);

  std::array<Pile, std::size_t{1} << kPileBits> piles_;
  std::vector<std::uint32_t> table_;  // of sum_up: index in sums + 1; 0 is free
};

}  // namespace tollgate::stores
