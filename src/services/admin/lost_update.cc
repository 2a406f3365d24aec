#include "services/admin/lost_update.h"

#include <algorithm>

#include "base/str.h"

namespace tollgate::services {
namespace {

http::Response lost_update(const http::Request& request, const Error& error, const http::Response& current) {
  http::Response response = http::problem(error, request.id());
  // The problem is one object; this is one more member.
  response.body.pop_back();
  str::append(response.body, ",\"current\":", current.body, "}");
  const auto tag = std::ranges::find(current.headers, std::string("ETag"), &std::pair<std::string, std::string>::first);
  if (tag != current.headers.end()) response.header("ETag", tag->second);
  return response;
}

}  // namespace

AdminApi::Work with_current(AdminApi::Work write, AdminApi::Work show) {
  return [write = std::move(write), show = std::move(show)](http::Request& request) -> Result<http::Response> {
    auto written = write(request);
    if (written || !written.error().is(codes::precondition_failed)) return written;
    const auto current = show(request);
    if (!current) return written;
    return lost_update(request, written.error(), *current);
  };
}

}  // namespace tollgate::services
