#include "http/fetch.h"

#include "base/str.h"
#include "http/fetch_stream.h"

namespace tollgate::http {

Task<Result<FetchResponse>> fetch(UpstreamPool& pool, FetchRequest request) {
  const MonoTime deadline = pool.loop().now() + request.timeout;
  FetchStream stream(pool);
  Task<Result<std::uint16_t>> beginning = stream.begin(request, deadline);
  const auto status = co_await beginning;
  if (!status) co_return std::unexpected(status.error());
  FetchResponse response{.status = *status, .content_type = std::string(stream.header("Content-Type")), .body = {}};
  while (true) {
    Task<Result<std::string_view>> reading = stream.next(deadline);
    const auto piece = co_await reading;
    if (!piece) co_return std::unexpected(piece.error());
    if (piece->empty()) co_return response;
    response.body.append(*piece);
    if (response.body.size() > request.max_response_bytes) {
      co_return fail(codes::upstream_invalid_response, "the response is too large");
    }
  }
}

Result<UpstreamTarget> parse_service_url(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  const auto bad = [&] {
    return fail(codes::config_invalid, str::cat("\"", url, "\" is not of the form http://host:port"));
  };
  if (!url.starts_with(kScheme)) return bad();
  std::string_view rest = url.substr(kScheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  UpstreamTarget target;
  const std::size_t bracket = rest.starts_with('[') ? rest.find(']') : 0;
  if (bracket == std::string_view::npos) return bad();
  const std::size_t colon = rest.find(':', bracket);
  std::string_view host = rest.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  if (host.empty() || host.find_first_of("/?#@ ") != std::string_view::npos) return bad();
  target.host = host;
  if (colon != std::string_view::npos) {
    const auto port = str::parse_int<std::uint16_t>(rest.substr(colon + 1));
    if (!port || *port == 0) return bad();
    target.port = *port;
  }
  return target;
}

}  // namespace tollgate::http
