// Sends requests of a control API to endpoints by method and path, after a guard has let the caller pass.
// `/api/v1/…` is the same as `/api/…`. Unknown paths are 404, known ones with another method 405 with Allow.
//
// Thread safety: add() before serving; then const.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.h"
#include "http/request.h"
#include "http/response.h"

namespace tollgate::http {

// Endpoints are plain functions or non-coroutine lambdas that return a member coroutine's task.
using Endpoint = std::function<Task<Response>(Request&)>;
// Lets a caller pass or says why not. Runs before the body is read.
using Guard = std::function<Task<Result<void>>(Request&)>;
// For endpoints that stream: called with the body read; answers the exchange itself.
using StreamEndpoint = std::function<Task<void>(Request&)>;

struct EndpointOptions {
  Guard guard;                           // empty: open to anybody who can connect
  std::size_t max_body_bytes = 1 << 20;  // 413 beyond
};

class Router final : public Handler {
 public:
  Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;
  ~Router() override;

  // pattern: "GET /api/admin/keys/{key}". A pattern given twice is a programming error.
  void add(std::string_view pattern, EndpointOptions options, Endpoint endpoint);
  void add_stream(std::string_view pattern, EndpointOptions options, StreamEndpoint endpoint);
  // For a GET or HEAD of a path that no endpoint has, with any method. Open to anybody who can connect; may say 404.
  void set_fallback(Endpoint endpoint) { fallback_ = std::move(endpoint); }
  // Every GET endpoint of `other` that is none of this router's own is served here as well, behind this guard instead
  // of its own. What those endpoints refer to outlives both.
  void mount_reads(const Router& other, const Guard& guard);
  // Headers put on every response that does not have them yet ("X-Content-Type-Options: nosniff" …).
  void set_common_headers(std::vector<std::pair<std::string, std::string>> headers);

  Task<void> handle(Exchange& exchange) override;

  // "METHOD /pattern" of every endpoint, sorted: for the test that each served path is documented.
  std::vector<std::string> patterns() const;
  // Requests answered so far, by status class 1xx … 5xx (index 0 … 4): for /metrics.
  std::array<std::uint64_t, 5> answered() const;

 private:
  struct Route;
  struct Found;
  Task<Response> answer(Request& request, const Route& route);
  Task<Result<void>> read_body(Request& request, std::size_t max_bytes);
  Result<void> parse_query(Request& request) const;

  std::vector<std::unique_ptr<Route>> routes_;
  Endpoint fallback_;  // may be empty
  std::vector<std::pair<std::string, std::string>> common_headers_;
  std::string stream_fields_;  // the same for streams, as lines
  std::array<std::atomic<std::uint64_t>, 5> answered_{};
};

}  // namespace tollgate::http
