// One whole request to another service and its whole response.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/task.h"
#include "http/upstream.h"

namespace tollgate::http {

struct FetchRequest {
  std::string method = "GET";
  std::string target = "/";  // path and query
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Millis timeout{2'000};  // for all of it, connecting included
  std::size_t max_response_bytes = 16u << 20;
};

struct FetchResponse {
  std::uint16_t status = 0;
  std::string content_type;
  std::string body;
};

// Uses a pooled connection when there is one. Any status is a success; errors are upstream_connect_failed,
// upstream_connect_timeout, overloaded, upstream_timeout, upstream_closed, upstream_invalid_response.
Task<Result<FetchResponse>> fetch(UpstreamPool& pool, FetchRequest request);

// "http://host:port" with nothing behind it, as service URLs are written.
Result<UpstreamTarget> parse_service_url(std::string_view url);

}  // namespace tollgate::http
