#include "services/admin/dashboard_pages.h"

#include <algorithm>

#include "base/str.h"

namespace tollgate::services {
namespace {

constexpr std::string_view kHowToBuild = R"(<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Tollgate admin</title></head>
<body>
<h1>Tollgate admin</h1>
<p>This binary was built without the dashboard. To have it here, install Node.js 20.19 or later with npm, then run
<code>./dev build</code> in the source tree, and start the new binary.</p>
<p>Everything that the dashboard does is in the API as well: log in with <code>POST /api/admin/login</code> and send the
token as <code>Authorization: Bearer</code>. <code>api/openapi.yaml</code> in the source tree describes every path.</p>
</body>
</html>
)";

http::Response how_to_build() {
  http::Response response;
  response.body = kHowToBuild;
  response.header("Content-Type", "text/html; charset=utf-8");
  return response;
}

// Paths that are never a page of the dashboard, whoever asks.
bool is_page(std::string_view path) {
  return !path.starts_with("/api/") && path != "/api" && !path.starts_with("/assets/");
}

Task<http::Response> ready(http::Response response) {
  co_return response;
}

}  // namespace

DashboardPages::DashboardPages(std::span<const http::StaticFile> files) : files_(files), index_(find("/index.html")) {}

const http::StaticFile* DashboardPages::find(std::string_view path) const {
  const auto found = std::ranges::find(files_, path, &http::StaticFile::path);
  return found == files_.end() ? nullptr : &*found;
}

void DashboardPages::add_to(http::Router& router) const {
  router.add("GET /", {}, [this](http::Request& request) { return ready(index(request)); });
  router.set_fallback([this](http::Request& request) { return ready(other(request)); });
}

http::Response DashboardPages::index(const http::Request& request) const {
  if (index_ == nullptr) return how_to_build();
  return http::static_response(request, *index_, http::Keep::ask_again);
}

http::Response DashboardPages::other(const http::Request& request) const {
  const std::string& path = request.path();
  if (const http::StaticFile* file = find(path)) {
    const bool named_by_content = path.starts_with("/assets/");
    return http::static_response(request, *file, named_by_content ? http::Keep::for_ever : http::Keep::ask_again);
  }
  // A browser that goes to a page says that it wants HTML; scripts do not.
  const bool wants_page = request.header("Accept").find("text/html") != std::string_view::npos;
  if (wants_page && is_page(path)) return index(request);
  return http::problem(Error(codes::not_found), request.id());
}

}  // namespace tollgate::services
