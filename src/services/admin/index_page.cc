#include "services/admin/index_page.h"

namespace tollgate::services {
namespace {

constexpr std::string_view kPage = R"(<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Tollgate admin</title></head>
<body>
<h1>Tollgate admin</h1>
<p>The dashboard is not in this version. Everything is in the API: log in with POST /api/admin/login and send the
token as Authorization: Bearer.</p>
<ul>
<li>POST /api/admin/login, POST /api/admin/logout, GET /api/admin/me</li>
<li>GET, POST /api/admin/keys</li>
<li>GET, PUT, PATCH, DELETE /api/admin/keys/{key}</li>
<li>POST /api/admin/keys/{key}/rotate, /disable, /enable, /reset</li>
<li>GET /api/admin/keys/{key}/state, /effective-limits, /usage</li>
<li>POST /api/admin/keys/verify, /api/admin/keys/lookup</li>
<li>GET, POST /api/admin/tiers; GET, PUT, DELETE /api/admin/tiers/{name}</li>
<li>GET /api/admin/routes, POST /api/admin/routes/match</li>
<li>GET /api/admin/monitoring/dashboard</li>
<li>GET /healthz, /readyz, /version, /metrics</li>
</ul>
</body>
</html>
)";

Task<http::Response> page() {
  http::Response response;
  response.body = kPage;
  response.header("Content-Type", "text/html; charset=utf-8");
  co_return response;
}

}  // namespace

void add_index_page(http::Router& router) {
  router.add("GET /", {}, [](http::Request&) { return page(); });
}

}  // namespace tollgate::services
