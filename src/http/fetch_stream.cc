#include "http/fetch_stream.h"

#include <utility>

#include "base/str.h"
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

}  // namespace

Task<Result<void>> FetchStream::connect(MonoTime deadline) {
  connection_ = pool_.take_idle();
  if (connection_ != nullptr) co_return Result<void>{};
  ConnectAttempt attempt(deadline);
  auto connected = co_await pool_.connect(attempt);
  if (!connected) co_return std::unexpected(std::move(connected).error());
  connection_ = *std::move(connected);
  co_return Result<void>{};
}

// Passes over 1xx.
Task<Result<void>> FetchStream::receive_head(codec::Method method, MonoTime deadline) {
  runtime::Buffer& in = connection_->in();
  codec::ResponseParser parser;
  parser.reset(method);
  while (true) {
    const ParseStatus status = in.empty() ? ParseStatus::need_more : parser.parse(in.view());
    if (status == ParseStatus::error) {
      co_return fail(codes::upstream_invalid_response, std::string(parser.error_detail()));
    }
    if (status == ParseStatus::complete) {
      head_ = parser.head();
      if (head_.status >= 200) {
        head_bytes_ = in.view().substr(0, head_.size);
        in.consume(head_.size);
        co_return Result<void>{};
      }
      in.consume(head_.size);
      parser.reset(method);
      continue;
    }
    const IoResult got = co_await connection_->receive(deadline);
    if (!got.ok()) co_return std::unexpected(receive_error(got.status));
  }
}

Task<Result<std::uint16_t>> FetchStream::begin(const FetchRequest& request, MonoTime deadline) {
  const codec::Method method = codec::parse_method(request.method);
  const bool may_repeat = method == codec::Method::get || method == codec::Method::head;
  const std::string bytes = write_request(pool_, request);
  while (true) {
    Task<Result<void>> connecting = connect(deadline);
    const auto connected = co_await connecting;
    if (!connected) co_return std::unexpected(connected.error());
    const runtime::WriteLimit limit{.end = deadline};
    const IoResult sent = co_await connection_->socket().write_all(bytes, limit);
    Result<void> received = fail(codes::upstream_closed);
    if (sent.ok()) {
      Task<Result<void>> receiving = receive_head(method, deadline);
      received = co_await receiving;
    }
    if (received) break;
    // A reused connection may have been closed by the server just before we wrote to it.
    if (may_repeat && connection_->reused() && received.error().is(codes::upstream_closed)) continue;
    co_return std::unexpected(std::move(received).error());
  }
  body_ = BodyDecoder(head_.framing, head_.content_length);
  co_return head_.status;
}

std::string_view FetchStream::header(std::string_view name) const {
  for (const codec::HeaderField& field : head_.fields) {
    if (str::iequals(field.name(head_bytes_), name)) return field.value(head_bytes_);
  }
  return {};
}

Task<Result<std::string_view>> FetchStream::next(MonoTime deadline) {
  while (!ended_) {
    const BodyDecoder::Step step = body_.step(connection_->in().view());
    piece_ = step.data;
    connection_->in().consume(step.consumed);
    if (step.event == BodyDecoder::Event::error) {
      co_return fail(codes::upstream_invalid_response, std::string(body_.error_detail()));
    }
    if (step.event == BodyDecoder::Event::done) {
      ended_ = true;
      if (head_.keep_alive) pool_.put_idle(std::move(connection_));
      break;
    }
    if (!piece_.empty()) co_return std::string_view(piece_);
    const IoResult got = co_await connection_->receive(deadline);
    if (got.status == IoStatus::end && body_.on_end_of_stream()) ended_ = true;
    if (!got.ok() && !ended_) co_return std::unexpected(receive_error(got.status));
  }
  co_return std::string_view();
}

}  // namespace tollgate::http
