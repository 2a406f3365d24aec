#include "http/fetch.h"

#include "base/str.h"
#include "codec/http1/body.h"
#include "codec/http1/response_parser.h"

namespace tollgate::http {

using codec::BodyDecoder;
using codec::ParseStatus;
using runtime::IoResult;
using runtime::IoStatus;

namespace {

std::string write_request(const UpstreamPool& pool, const FetchRequest& request) {
  std::string out;
  str::append(out, request.method, " ", request.target, " HTTP/1.1\r\nHost: ", pool.target().authority(), "\r\n");
  for (const auto& [name, value] : request.headers) str::append(out, name, ": ", value, "\r\n");
  const bool has_body = !request.body.empty() || request.method == "POST" || request.method == "PUT";
  if (has_body) str::append(out, "Content-Length: ", request.body.size(), "\r\n");
  str::append(out, "\r\n", request.body);
  return out;
}

Error receive_error(IoStatus status) {
  return Error(status == IoStatus::timed_out ? codes::upstream_timeout : codes::upstream_closed);
}

// Reads the head of the final response, passing over 1xx.
Task<Result<codec::ResponseHead>> receive_head(UpstreamConnection& connection, codec::Method method,
                                               MonoTime deadline) {
  codec::ResponseParser parser;
  parser.reset(method);
  while (true) {
    const ParseStatus status = connection.in().empty() ? ParseStatus::need_more : parser.parse(connection.in().view());
    if (status == ParseStatus::error)
      co_return fail(codes::upstream_invalid_response, std::string(parser.error_detail()));
    if (status == ParseStatus::complete) {
      if (parser.head().status >= 200) co_return parser.head();
      connection.in().consume(parser.head().size);
      parser.reset(method);
      continue;
    }
    const IoResult got = co_await connection.receive(deadline);
    if (!got.ok()) co_return std::unexpected(receive_error(got.status));
  }
}

struct BodyLimit {
  std::size_t bytes;
  MonoTime deadline;
};

Task<Result<std::string>> receive_body(UpstreamConnection& connection, BodyDecoder decoder, BodyLimit limit) {
  std::string body;
  while (true) {
    const BodyDecoder::Step step = decoder.step(connection.in().view());
    body.append(step.data);
    connection.in().consume(step.consumed);
    if (step.event == BodyDecoder::Event::done) co_return std::move(body);
    if (step.event == BodyDecoder::Event::error)
      co_return fail(codes::upstream_invalid_response, std::string(decoder.error_detail()));
    if (body.size() > limit.bytes) co_return fail(codes::upstream_invalid_response, "the response is too large");
    if (step.event == BodyDecoder::Event::data) continue;
    const IoResult got = co_await connection.receive(limit.deadline);
    if (got.status == IoStatus::end && decoder.on_end_of_stream()) co_return std::move(body);
    if (!got.ok()) co_return std::unexpected(receive_error(got.status));
  }
}

}  // namespace

Task<Result<FetchResponse>> fetch(UpstreamPool& pool, FetchRequest request) {
  const MonoTime deadline = pool.loop().now() + request.timeout;
  const codec::Method method = codec::parse_method(request.method);
  const bool may_repeat = method == codec::Method::get || method == codec::Method::head;
  std::string bytes = write_request(pool, request);
  while (true) {
    std::unique_ptr<UpstreamConnection> connection = pool.take_idle();
    if (connection == nullptr) {
      ConnectAttempt attempt(deadline);
      auto connected = co_await pool.connect(attempt);
      if (!connected) co_return std::unexpected(std::move(connected).error());
      connection = *std::move(connected);
    }
    const runtime::WriteLimit limit{.end = deadline};
    const IoResult sent = co_await connection->socket().write_all(bytes, limit);
    Result<codec::ResponseHead> head = fail(codes::upstream_closed);
    if (sent.ok()) {
      auto received = co_await receive_head(*connection, method, deadline);
      head = std::move(received);
    }
    if (!head) {
      // A reused connection may have been closed by the server just before we wrote to it.
      if (may_repeat && connection->reused() && head.error().is(codes::upstream_closed)) continue;
      co_return std::unexpected(std::move(head).error());
    }
    FetchResponse response;
    response.status = head->status;
    if (const auto* type = head->fields.find(codec::HeaderId::content_type))
      response.content_type = type->value(connection->in().view());
    connection->in().consume(head->size);
    auto body = co_await receive_body(*connection, BodyDecoder(head->framing, head->content_length),
                                      {.bytes = request.max_response_bytes, .deadline = deadline});
    if (!body) co_return std::unexpected(std::move(body).error());
    response.body = *std::move(body);
    if (head->keep_alive) pool.put_idle(std::move(connection));
    co_return response;
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
