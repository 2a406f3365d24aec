// Sums by key of so many rows that a table of them would miss the cache at each: rows are dealt to small piles by a
// hash of their key, and a pile is summed up by itself, when it has grown and in the end.
//
// At most 32 bytes a key, or 96 MiB, and ~16 ns a row. Thread safety: one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
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
    if (pile.next == pile.end) grow(pile);
    *pile.next++ = {key, value};
  }
  // The greatest, in order: greater values first, then lesser keys. `all` becomes the number of keys.
  std::vector<Sum> greatest(std::size_t count, std::size_t& all);

 private:
  static constexpr std::uint64_t kOdd = 0x9e37'79b9'7f4a'7c15;
  static constexpr unsigned kPileBits = 10;
  static constexpr std::size_t kBlockSums = 64;
  static constexpr std::size_t kLimitMin = 6144;

  struct Block {
    std::array<Sum, kBlockSums> sums;
  };
  // Sums of some keys, those of one key may come apart: blocks that are full, but for the last.
  struct Pile {
    Sum* next = nullptr;  // where there is room
    Sum* end = nullptr;
    std::vector<Block*> blocks;
    std::size_t limit = kLimitMin;
  };
  void grow(Pile& pile);
  Block* take_block();
  // Into summed_, each key once.
  void sum_up(const Pile& pile);

  std::array<Pile, std::size_t{1} << kPileBits> piles_;
  std::vector<std::unique_ptr<Block[]>> slabs_;
  std::vector<Block*> free_;
  std::vector<Sum> summed_;
  std::vector<std::uint32_t> table_;  // of sum_up: index in summed_ + 1; 0 is free
};

}  // namespace tollgate::stores
