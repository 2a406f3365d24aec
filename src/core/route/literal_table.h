// Every literal step of every trie in one flat hash table: (node, text) → node.
//
// The table tries seeds, and then sizes, until no look-up takes more than kMaxProbes probes. So the bound holds for
// every text a client may send, and the seed need not be secret.
//
// Thread safety: immutable once built. Node 0 means "none".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::core {

class LiteralTable {
 public:
  static constexpr std::size_t kMaxProbes = 16;

  struct Edge {
    std::uint32_t parent;
    std::string text;
    std::uint32_t child;  // > 0
  };

  // The edges' (parent, text) pairs are all different.
  explicit LiteralTable(const std::vector<Edge>& edges);

  // To be computed once per text, then used with any number of parents.
  std::uint64_t hash(std::string_view text) const noexcept;
  std::uint32_t find(std::uint32_t parent, std::string_view text, std::uint64_t hash) const noexcept;

  // Longer texts are in no edge.
  std::size_t longest_text() const { return longest_text_; }

 private:
  struct Slot {
    std::uint32_t parent = 0;
    std::uint32_t child = 0;  // 0: empty
    std::uint32_t text_begin = 0;
    std::uint32_t text_size = 0;
  };

  bool fill(const std::vector<Edge>& edges);
  std::size_t slot_of(std::uint32_t parent, std::uint64_t hash) const noexcept;

  std::string texts_;
  std::vector<Slot> slots_;  // a power of two, and kMaxProbes more, so that probing never wraps
  std::size_t mask_ = 0;
  std::uint64_t seed_ = 0;
  std::size_t longest_text_ = 0;
};

}  // namespace tollgate::core
