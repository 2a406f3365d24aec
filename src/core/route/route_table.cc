#include "core/route/route_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <unordered_set>
#include <utility>

#include "base/str.h"
#include "core/route/route_pattern.h"
#include "core/route/route_trie.h"

namespace tollgate::core {
namespace {

// Without default values: a search has room for many and uses a few.
struct RequestSegment {
  const char* data;
  std::size_t size;
  std::uint64_t hash;  // only when the text is short enough to be in the table
  std::string_view text() const { return {data, size}; }
};

// One look-up: the request's segments, hashed once, and what has been seen on the way.
class Search {
 public:
  Search(const RouteTrie& trie, MethodBit method)
      : trie_(trie), method_(static_cast<std::size_t>(std::countr_zero(static_cast<MethodSet>(method)))) {}

  // Keeps one segment more than the longest pattern has: enough to know that the path is longer.
  void split(std::string_view path) {
    while (count_ <= trie_.max_depth) {
      const std::size_t begin = path.find_first_not_of('/');
      if (begin == std::string_view::npos) return;
      path.remove_prefix(begin);
      const std::size_t size = std::min(path.find('/'), path.size());
      RequestSegment& segment = segments_[count_++];
      segment.data = path.data();
      segment.size = size;
      if (size <= trie_.literals.longest_text()) segment.hash = trie_.literals.hash(segment.text());
      path.remove_prefix(size);
    }
  }

  std::int32_t find(std::uint32_t at, std::size_t depth) {
    const TrieNode& node = trie_.nodes[at];
    if (depth == count_) {
      if (const std::int32_t route = take(node.end); route >= 0) return route;
      return take(node.rest);
    }
    const RequestSegment& segment = segments_[depth];
    if (node.has_literals && segment.size <= trie_.literals.longest_text()) {
      if (const std::uint32_t child = trie_.literals.find(at, segment.text(), segment.hash); child != 0) {
        if (const std::int32_t route = find(child, depth + 1); route >= 0) return route;
      }
    }
    if (node.wildcard != 0) {
      if (const std::int32_t route = find(node.wildcard, depth + 1); route >= 0) return route;
    }
    return take(node.rest);
  }

  std::int32_t find_below_host(std::uint32_t hosts, std::string_view host) {
    const std::uint32_t root = trie_.literals.find(hosts, host, trie_.literals.hash(host));
    return root == 0 ? -1 : find(root, 0);
  }

  MethodSet allowed() const { return allowed_; }

 private:
  std::int32_t take(std::uint32_t leaf) {
    if (leaf == 0) return -1;
    const MethodLeaf& found = trie_.leaves[leaf - 1];
    allowed_ = static_cast<MethodSet>(allowed_ | found.allowed);
    return found.route[method_] == kNoRoute ? -1 : std::int32_t{found.route[method_]};
  }

  const RouteTrie& trie_;
  const std::size_t method_;
  std::size_t count_ = 0;
  MethodSet allowed_ = 0;
  std::array<RequestSegment, kMaxPatternSegments + 1> segments_;
};

constexpr std::size_t kMaxHostBytes = 255;

std::string_view lower_host(std::string_view host, std::array<char, kMaxHostBytes>& buffer) {
  if (host.ends_with('.')) host.remove_suffix(1);  // the DNS root: the same host
  if (host.size() > buffer.size()) return {};
  std::ranges::transform(host, buffer.begin(), str::lower);
  return {buffer.data(), host.size()};
}

// The part of `host` that begins at its last `labels` labels, or nothing when that is all of it.
std::size_t last_labels_begin(std::string_view host, std::size_t labels) {
  std::size_t begin = host.size();
  for (; labels > 0 && begin != 0 && begin != std::string_view::npos; --labels) begin = host.rfind('.', begin - 1);
  return begin;
}

std::int32_t find_below_suffixes(Search& search, std::string_view host, std::size_t max_labels) {
  std::size_t dot = last_labels_begin(host, max_labels);
  if (dot == std::string_view::npos) dot = host.find('.');
  for (; dot != std::string_view::npos; dot = host.find('.', dot + 1)) {
    if (dot == 0) continue;  // a suffix needs at least one label before it
    if (const std::int32_t route = search.find_below_host(kSuffixHosts, host.substr(dot + 1)); route >= 0) return route;
  }
  return -1;
}

}  // namespace

struct RouteTable::Index {
  RouteTrie trie;
};

RouteTable::RouteTable(std::vector<Route> routes, std::unique_ptr<Index> index)
    : routes_(std::move(routes)), index_(std::move(index)) {}
RouteTable::RouteTable(RouteTable&&) noexcept = default;
RouteTable& RouteTable::operator=(RouteTable&&) noexcept = default;
RouteTable::~RouteTable() = default;

Result<RouteTable> RouteTable::build(std::vector<Route> routes) {
  if (routes.size() > kNoRoute) {
    return fail(codes::config_invalid, str::cat(routes.size(), " routes; the most allowed is ", kNoRoute));
  }
  std::unordered_set<std::string_view> names;
  for (const Route& route : routes) {
    if (route.name.empty()) return fail(codes::config_invalid, str::cat("the route for ", route.path, " has no name"));
    if (!names.insert(route.name).second) {
      return fail(codes::config_invalid, str::cat("the route name \"", route.name, "\" is used twice"));
    }
  }
  TG_TRY(RouteTrie trie, build_trie(routes));
  return RouteTable(std::move(routes), std::make_unique<Index>(Index{std::move(trie)}));
}

RouteMatch RouteTable::match(std::string_view host, std::string_view path, MethodBit method) const {
  if (!path.starts_with('/')) return {};
  const RouteTrie& trie = index_->trie;
  Search search(trie, method);
  search.split(path);
  std::int32_t route = -1;
  if (trie.longest_host > 0) {
    std::array<char, kMaxHostBytes> buffer;
    const std::string_view lowered = lower_host(host, buffer);
    if (lowered.size() <= trie.longest_host) route = search.find_below_host(kExactHosts, lowered);
    if (route < 0 && trie.max_suffix_labels > 0) {
      route = find_below_suffixes(search, lowered, trie.max_suffix_labels);
    }
  }
  if (route < 0) route = search.find(kAnyHost, 0);
  return {.route = route, .allowed = route < 0 ? search.allowed() : MethodSet{0}};
}

}  // namespace tollgate::core
