// Finds the route of a request: by host, path and method; the most specific wins, and two that could tie are refused
// when the table is built. Matching costs the path's length, not the number of routes.
//
// Specificity, in this order: exact host > "*.suffix" (longer first) > any host; then path, segment by segment from the
// left: literal > one-segment wildcard > "**"; then a route that names methods > one that does not.
//
// Thread safety: immutable once built.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/route/route.h"

namespace tollgate::core {

struct RouteMatch {
  // Index into routes(), or -1: nothing at this path, or nothing for this method there.
  std::int32_t route = -1;
  // When route is -1: the methods that some route takes at this path (for 405 and Allow); 0: 404.
  MethodSet allowed = 0;
};

class RouteTable {
 public:
  // Fails with config_invalid, naming both routes and what they share, on a tie; also on a malformed pattern or host,
  // a name used twice, or more than 65,535 routes.
  static Result<RouteTable> build(std::vector<Route> routes);

  // `host` without port, any case; `path` in normal form (codec::normalize_path), without query. No allocation.
  RouteMatch match(std::string_view host, std::string_view path, MethodBit method) const;

  const std::vector<Route>& routes() const { return routes_; }

  RouteTable(const RouteTable&) = delete;
  RouteTable& operator=(const RouteTable&) = delete;
  RouteTable(RouteTable&&) noexcept;
  RouteTable& operator=(RouteTable&&) noexcept;
  ~RouteTable();

 private:
  struct Index;
  RouteTable(std::vector<Route> routes, std::unique_ptr<Index> index);
  std::vector<Route> routes_;
  std::unique_ptr<Index> index_;
};

}  // namespace tollgate::core
