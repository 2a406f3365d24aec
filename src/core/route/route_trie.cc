#include "core/route/route_trie.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "base/str.h"
#include "core/route/route_pattern.h"

namespace tollgate::core {
namespace {

struct DraftNode {
  std::map<std::string, std::uint32_t, std::less<>> literals;
  TrieNode node;
};

struct DraftLeaf {
  std::vector<std::uint16_t> routes;
};

std::string_view method_name(MethodSet methods) {
  static constexpr std::array<std::string_view, kMethodSlots> kNames = {"GET",    "HEAD",    "POST", "PUT", "PATCH",
                                                                        "DELETE", "OPTIONS", "?",    "?",   "other"};
  return kNames[static_cast<std::size_t>(std::countr_zero(methods))];
}

bool names_methods(const Route& route) {
  return route.methods != kAnyMethod;
}

class Builder {
 public:
  explicit Builder(const std::vector<Route>& routes) : routes_(routes), nodes_(kAnyHost + 1) {}

  Result<void> add(std::uint16_t index);
  Result<RouteTrie> finish() &&;

 private:
  std::uint32_t literal_child(std::uint32_t parent, const std::string& text);
  std::uint32_t root_of(const HostPattern& host);
  Result<void> add_below(const HostPattern& host, const PathPattern& pattern, std::uint16_t index);
  std::uint32_t& leaf_slot(std::uint32_t root, const PathPattern& pattern);
  MethodLeaf merge(const DraftLeaf& leaf) const;
  std::uint32_t worst_visits(std::uint32_t node) const;

  const std::vector<Route>& routes_;
  std::vector<DraftNode> nodes_;
  std::vector<DraftLeaf> leaves_;
  std::size_t max_depth_ = 0;
  std::size_t longest_host_ = 0;
  std::size_t max_suffix_labels_ = 0;
};

Result<void> Builder::add(std::uint16_t index) {
  const Route& route = routes_[index];
  const auto named = [&](Error error) {
    return std::unexpected(std::move(error).while_doing(str::cat("route \"", route.name, "\"")));
  };
  if (route.methods == 0) return named(Error(codes::config_invalid, "takes no method"));
  auto pattern = parse_path_pattern(route.path);
  if (!pattern) return named(std::move(pattern).error());
  if (route.hosts.empty()) return add_below(HostPattern{}, *pattern, index);
  for (const std::string& text : route.hosts) {
    const auto host = parse_host_pattern(text);
    if (!host) return named(host.error());
    if (auto added = add_below(*host, *pattern, index); !added) return added;
  }
  return {};
}

std::uint32_t Builder::literal_child(std::uint32_t parent, const std::string& text) {
  if (const auto found = nodes_[parent].literals.find(text); found != nodes_[parent].literals.end()) {
    return found->second;
  }
  const auto child = static_cast<std::uint32_t>(nodes_.size());
  nodes_.emplace_back();
  nodes_[parent].literals.emplace(text, child);
  nodes_[parent].node.has_literals = true;
  return child;
}

std::uint32_t Builder::root_of(const HostPattern& host) {
  longest_host_ = std::max(longest_host_, host.text.size());
  if (host.kind == HostKind::exact) return literal_child(kExactHosts, host.text);
  if (host.kind == HostKind::any) return kAnyHost;
  const auto labels = static_cast<std::size_t>(std::ranges::count(host.text, '.')) + 1;
  max_suffix_labels_ = std::max(max_suffix_labels_, labels);
  return literal_child(kSuffixHosts, host.text);
}

std::uint32_t& Builder::leaf_slot(std::uint32_t root, const PathPattern& pattern) {
  std::uint32_t at = root;
  for (const PathSegment& segment : pattern) {
    if (segment.kind == SegmentKind::rest) return nodes_[at].node.rest;
    if (segment.kind == SegmentKind::literal) {
      at = literal_child(at, segment.text);
    } else {
      if (nodes_[at].node.wildcard == 0) {
        nodes_[at].node.wildcard = static_cast<std::uint32_t>(nodes_.size());
        nodes_.emplace_back();
      }
      at = nodes_[at].node.wildcard;
    }
  }
  return nodes_[at].node.end;
}

Result<void> Builder::add_below(const HostPattern& host, const PathPattern& pattern, std::uint16_t index) {
  std::uint32_t& slot = leaf_slot(root_of(host), pattern);
  max_depth_ = std::max(max_depth_, pattern.size());
  if (slot == 0) {
    leaves_.emplace_back();
    slot = static_cast<std::uint32_t>(leaves_.size());
  }
  const Route& route = routes_[index];
  DraftLeaf& leaf = leaves_[slot - 1];
  for (const std::uint16_t other_index : leaf.routes) {
    const Route& other = routes_[other_index];
    const auto shared = static_cast<MethodSet>(route.methods & other.methods);
    if (shared == 0 || names_methods(route) != names_methods(other)) continue;
    const std::string where = host.kind == HostKind::any ? "" : str::cat("http://", example_host(host));
    return fail(codes::config_invalid,
                index == other_index
                    ? str::cat("route \"", route.name, "\" lists the host \"", example_host(host), "\" twice")
                    : str::cat("routes \"", other.name, "\" and \"", route.name, "\" tie: both match ",
                               method_name(shared), " ", where, example_path(pattern),
                               "; make one path or host more specific, or give them different methods"));
  }
  leaf.routes.push_back(index);
  return {};
}

// Naming a method beats taking any; HEAD goes to the route that names it, else to the one that names GET.
MethodLeaf Builder::merge(const DraftLeaf& leaf) const {
  MethodLeaf merged;
  const auto take = [&](std::uint16_t index, MethodSet methods) {
    for (std::size_t bit = 0; bit < kMethodSlots; ++bit) {
      if ((methods >> bit & 1) != 0) merged.route[bit] = index;
    }
    merged.allowed = static_cast<MethodSet>(merged.allowed | methods);
  };
  for (const std::uint16_t index : leaf.routes) {
    if (!names_methods(routes_[index])) take(index, kAnyMethod);
  }
  for (const std::uint16_t index : leaf.routes) {
    if (names_methods(routes_[index]) && (routes_[index].methods & kGet) != 0) take(index, kHead);
  }
  for (const std::uint16_t index : leaf.routes) {
    if (names_methods(routes_[index])) take(index, routes_[index].methods);
  }
  return merged;
}

// An upper bound of the nodes that one search below `node` enters. Patterns are at most kMaxPatternSegments deep.
std::uint32_t Builder::worst_visits(std::uint32_t node) const {
  std::uint32_t literal = 0;
  for (const auto& [text, child] : nodes_[node].literals) literal = std::max(literal, worst_visits(child));
  const std::uint32_t wildcard = nodes_[node].node.wildcard;
  return 1 + literal + (wildcard == 0 ? 0 : worst_visits(wildcard));
}

Result<RouteTrie> Builder::finish() && {
  std::uint32_t worst = worst_visits(kAnyHost);
  for (const std::uint32_t hosts : {kExactHosts, kSuffixHosts}) {
    for (const auto& [text, root] : nodes_[hosts].literals) worst = std::max(worst, worst_visits(root));
  }
  if (worst > kMaxVisits) {
    return fail(
        codes::config_invalid,
        str::cat(
            "paths overlap too much: with wildcards and literals mixed at so many segments, one request could take ",
            worst, " steps to match, and the most allowed is ", kMaxVisits));
  }
  std::vector<LiteralTable::Edge> edges;
  std::vector<TrieNode> nodes;
  std::vector<MethodLeaf> leaves;
  nodes.reserve(nodes_.size());
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    nodes.push_back(nodes_[i].node);
    for (const auto& [text, child] : nodes_[i].literals) edges.push_back({i, text, child});
  }
  leaves.reserve(leaves_.size());
  for (const DraftLeaf& leaf : leaves_) leaves.push_back(merge(leaf));
  return RouteTrie{LiteralTable(edges), std::move(nodes), std::move(leaves),
                   max_depth_,          longest_host_,    max_suffix_labels_};
}

}  // namespace

Result<RouteTrie> build_trie(const std::vector<Route>& routes) {
  Builder builder(routes);
  for (std::size_t i = 0; i < routes.size(); ++i) {
    if (auto added = builder.add(static_cast<std::uint16_t>(i)); !added) {
      return std::unexpected(std::move(added).error());
    }
  }
  return std::move(builder).finish();
}

}  // namespace tollgate::core
