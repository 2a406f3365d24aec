// /api/admin/routes: the routes as configured, read-only, and which of them a request would take.
// Thread safety: any thread.
#pragma once

#include "core/route/route_table.h"
#include "services/admin/admin_api.h"

namespace tollgate::services {

class RouteEndpoints {
 public:
  // `routes` outlives this; without, there are none.
  explicit RouteEndpoints(const core::RouteTable* routes) : routes_(routes) {}

  void add_to(AdminApi& api);

 private:
  Result<http::Response> list() const;
  Result<http::Response> match(http::Request& request) const;

  const core::RouteTable* routes_;
};

}  // namespace tollgate::services
