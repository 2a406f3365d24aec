// The tries behind a RouteTable, one per host pattern, and how they are built and searched. Internal to core/route.
//
// Search goes literal, then wildcard, then "**" at every node, so the first leaf that takes the method is the most
// specific one. It may have to come back from a literal branch that ends nowhere; every node is entered at most once in
// a search, and build refuses routes with which one search could enter more than kMaxVisits nodes of a trie.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/error.h"
#include "core/route/literal_table.h"
#include "core/route/route.h"

namespace tollgate::core {

inline constexpr std::uint32_t kMaxVisits = 512;
inline constexpr std::uint16_t kNoRoute = 0xffff;
inline constexpr std::size_t kMethodSlots = 10;  // one per bit of MethodBit, by its position

// The routes that share one host and one path pattern, by method.
struct MethodLeaf {
  std::array<std::uint16_t, kMethodSlots> route;
  MethodSet allowed = 0;
  MethodLeaf() { route.fill(kNoRoute); }
};

// Leaves are 1 + their index; 0: none. Node 0 is none.
struct TrieNode {
  std::uint32_t wildcard = 0;  // node
  std::uint32_t end = 0;       // leaf: the path ends here
  std::uint32_t rest = 0;      // leaf: "**" from here on
  bool has_literals = false;
};

// Nodes that stand for hosts: their literal children are the roots of the tries.
inline constexpr std::uint32_t kExactHosts = 1;
inline constexpr std::uint32_t kSuffixHosts = 2;
inline constexpr std::uint32_t kAnyHost = 3;  // itself a root

struct RouteTrie {
  LiteralTable literals;
  std::vector<TrieNode> nodes;
  std::vector<MethodLeaf> leaves;
  std::size_t max_depth = 0;          // segments of the longest pattern
  std::size_t longest_host = 0;       // among exact and suffix patterns
  std::size_t max_suffix_labels = 0;  // 0: no suffix patterns
};

// Fails as RouteTable::build does, except for names and the number of routes.
Result<RouteTrie> build_trie(const std::vector<Route>& routes);

}  // namespace tollgate::core
