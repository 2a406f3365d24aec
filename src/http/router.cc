#include "http/router.h"

#include <algorithm>

#include "base/assert.h"
#include "base/str.h"
#include "codec/http1/target.h"
#include "http/url_text.h"

namespace tollgate::http {
namespace {

// Each is compared with each, before anybody has been asked who they are. No endpoint has twenty.
constexpr std::ptrdiff_t kMaxQueryParameters = 64;

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the '/'
    const std::string_view segment = path.substr(0, path.find('/'));
    segments.push_back(segment);
    path.remove_prefix(segment.size());
  }
  return segments;
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::string without_version(std::string_view path) {
  constexpr std::string_view kVersioned = "/api/v1/";
  if (path.starts_with(kVersioned)) return str::cat("/api/", path.substr(kVersioned.size()));
  return std::string(path);
}

}  // namespace

struct Router::Route {
  std::string method;
  std::string pattern;
  std::vector<std::string_view> segments;  // of pattern
  EndpointOptions options;
  Endpoint endpoint;
  StreamEndpoint stream;

  bool matches(const std::vector<std::string_view>& path) const {
    if (path.size() != segments.size()) return false;
    for (std::size_t i = 0; i < path.size(); ++i) {
      if (is_parameter(segments[i]) ? path[i].empty() : path[i] != segments[i]) return false;
    }
    return true;
  }
  bool takes(std::string_view wanted) const { return method == wanted || (wanted == "HEAD" && method == "GET"); }
  std::size_t literals() const {
    return static_cast<std::size_t>(
        std::count_if(segments.begin(), segments.end(), [](auto s) { return !is_parameter(s); }));
  }
};

struct Router::Found {
  const Route* route = nullptr;
  std::string allow;  // methods at this path when none of them is the request's
};

Router::Router() = default;
Router::~Router() = default;

void Router::add(std::string_view pattern, EndpointOptions options, Endpoint endpoint) {
  const std::size_t space = pattern.find(' ');
  TG_ASSERT(space != std::string_view::npos);
  auto route = std::make_unique<Route>();
  route->method = pattern.substr(0, space);
  route->pattern = pattern.substr(space + 1);
  route->segments = split_path(route->pattern);
  route->options = std::move(options);
  route->endpoint = std::move(endpoint);
  for (const auto& other : routes_) TG_ASSERT(other->method != route->method || other->pattern != route->pattern);
  routes_.push_back(std::move(route));
}

void Router::add_stream(std::string_view pattern, EndpointOptions options, StreamEndpoint endpoint) {
  add(pattern, std::move(options), nullptr);
  routes_.back()->stream = std::move(endpoint);
}

void Router::mount_reads(const Router& other, const Guard& guard) {
  for (const auto& route : other.routes_) {
    const bool is_here = std::ranges::any_of(
        routes_, [&](const auto& own) { return own->method == route->method && own->pattern == route->pattern; });
    if (route->method != "GET" || is_here) continue;
    const std::string pattern = str::cat(route->method, " ", route->pattern);
    add(pattern, {.guard = guard, .max_body_bytes = route->options.max_body_bytes}, route->endpoint);
    routes_.back()->stream = route->stream;
  }
}

void Router::set_common_headers(std::vector<std::pair<std::string, std::string>> headers) {
  common_headers_ = std::move(headers);
  stream_fields_.clear();
  for (const auto& [name, value] : common_headers_) {
    // A stream says by itself that it is not to be kept.
    if (!str::iequals(name, "Cache-Control")) str::append(stream_fields_, name, ": ", value, "\r\n");
  }
}

std::vector<std::string> Router::patterns() const {
  std::vector<std::string> all;
  for (const auto& route : routes_) all.push_back(route->method + " " + route->pattern);
  std::sort(all.begin(), all.end());
  return all;
}

std::array<std::uint64_t, 5> Router::answered() const {
  std::array<std::uint64_t, 5> counts{};
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = answered_[i].load(std::memory_order_relaxed);
  return counts;
}

Task<void> Router::handle(Exchange& exchange) {
  Request request(exchange);
  std::string normal;
  Response response;
  const bool valid = codec::normalize_path(exchange.path(), normal);
  request.path_ = without_version(normal);
  Found found;
  if (valid) {
    // The most literal pattern wins; ties cannot differ in anything a request sees.
    const auto segments = split_path(request.path_);
    for (const auto& route : routes_) {
      if (!route->matches(segments)) continue;
      if (!route->takes(exchange.method())) {
        str::append(found.allow, found.allow.empty() ? "" : ", ", route->method);
      } else if (found.route == nullptr || route->literals() > found.route->literals()) {
        found.route = route.get();
      }
    }
    if (found.route != nullptr) {
      for (std::size_t i = 0; i < segments.size(); ++i) {
        const std::string_view name = found.route->segments[i];
        if (!is_parameter(name)) continue;
        auto value = percent_decode(segments[i], false);
        if (!value) {
          found.route = nullptr;
          break;
        }
        request.params_.emplace_back(name.substr(1, name.size() - 2), *std::move(value));
      }
    }
  }
  if (found.route != nullptr) {
    response = co_await answer(request, *found.route);
  } else if (!found.allow.empty()) {
    response = problem(Error(codes::method_not_allowed), request.id());
    response.header("Allow", found.allow);
  } else if (valid && fallback_ && (exchange.method() == "GET" || exchange.method() == "HEAD")) {
    Task<Response> answering = fallback_(request);
    response = co_await answering;
  } else {
    response = problem(Error(codes::not_found), request.id());
  }
  if (exchange.response_begun()) co_return;  // a stream answered by itself
  const std::size_t status_class = std::clamp<std::size_t>(response.status / 100, 1, 5) - 1;
  answered_[status_class].fetch_add(1, std::memory_order_relaxed);
  for (const auto& common : common_headers_) {
    const auto same_name = [&](const auto& header) { return str::iequals(header.first, common.first); };
    if (std::none_of(response.headers.begin(), response.headers.end(), same_name)) response.headers.push_back(common);
  }
  co_await exchange.respond(std::move(response));
}

Task<Response> Router::answer(Request& request, const Route& route) {
  Result<void> passed = parse_query(request);
  if (passed && route.options.guard) {
    Task<Result<void>> guarding = route.options.guard(request);
    passed = co_await guarding;
  }
  if (passed) {
    const auto read = co_await read_body(request, route.options.max_body_bytes);
    passed = read;
  }
  if (!passed) {
    Response refusal = problem(passed.error(), request.id());
    if (refusal.status == 401) refusal.header("WWW-Authenticate", "Bearer");
    co_return refusal;
  }
  if (route.stream) {
    request.exchange().set_stream_fields(stream_fields_);
    Task<void> streaming = route.stream(request);
    co_await streaming;
    co_return Response{};
  }
  Task<Response> answering = route.endpoint(request);
  Response response = co_await answering;
  co_return response;
}

Result<void> Router::parse_query(Request& request) const {
  if (std::ranges::count(request.exchange_.query(), '&') >= kMaxQueryParameters) {
    return fail(codes::invalid_parameter, str::cat("a query string may have ", kMaxQueryParameters, " parameters"));
  }
  auto pairs = parse_query_string(request.exchange_.query());
  if (!pairs) return fail(codes::invalid_parameter, "the query string has a malformed percent-escape");
  for (std::size_t i = 0; i < pairs->size(); ++i) {
    for (std::size_t j = i + 1; j < pairs->size(); ++j) {
      if ((*pairs)[i].first == (*pairs)[j].first) {
        return fail(codes::invalid_parameter, str::cat("query parameter \"", (*pairs)[i].first, "\" is given twice"));
      }
    }
  }
  request.query_ = *std::move(pairs);
  return {};
}

Task<Result<void>> Router::read_body(Request& request, std::size_t max_bytes) {
  Exchange& exchange = request.exchange_;
  if (exchange.head().content_length > max_bytes) co_return fail(codes::payload_too_large);
  while (true) {
    const BodyPiece piece = co_await exchange.read_body();
    switch (piece.status) {
      case BodyPiece::Status::done: co_return Result<void>{};
      case BodyPiece::Status::timed_out: co_return fail(codes::request_timeout);
      case BodyPiece::Status::malformed: co_return fail(codes::bad_body);
      case BodyPiece::Status::gone: co_return fail(codes::cancelled);
      case BodyPiece::Status::data: break;
    }
    if (request.body_.size() + piece.data.size() > max_bytes) co_return fail(codes::payload_too_large);
    request.body_.append(piece.data);
  }
}

}  // namespace tollgate::http
