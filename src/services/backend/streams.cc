#include "services/backend/streams.h"

#include <algorithm>

#include "codec/json/writer.h"
#include "http/date.h"
#include "http/stream.h"
#include "services/backend/pause.h"
#include "services/backend/query_number.h"

namespace tollgate::services {

using http::BodyPiece;
using http::Exchange;
using runtime::IoResult;

namespace {

constexpr std::size_t kBlock = 64 * 1024;

const std::string& pattern_block() {
  static const std::string block = [] {
    std::string text;
    while (text.size() < kBlock) text += "0123456789abcdef";
    return text;
  }();
  return block;
}

iovec part_of(const std::string& text) {
  // iovec serves reading too and is not const; writing leaves the bytes alone.
  return {const_cast<char*>(text.data()), text.size()};
}

Task<bool> write_text(Exchange& exchange, const std::string& text) {
  iovec part = part_of(text);
  const IoResult sent = co_await exchange.write(std::span(&part, 1));
  co_return sent.ok();
}

std::string head_of(Exchange& exchange, std::string_view content_type, std::string_view framing) {
  std::string head = str::cat("HTTP/1.1 200 OK\r\nContent-Type: ", content_type, "\r\n", framing,
                              "Date: ", http::http_date(exchange.started_wall()), "\r\n");
  if (!exchange.keep_alive()) head += "Connection: close\r\n";
  return head + "\r\n";
}

// Whether the request's own error answers it instead.
Task<bool> refuse(http::Request& request, const Error& error) {
  const bool sent = co_await request.exchange().respond(http::problem(error, request.id()));
  co_return sent;
}

std::string event_text(std::uint64_t number) {
  return str::cat("id: ", number, "\ndata: {\"event\":", number, "}\n\n");
}

Error error_of(BodyPiece::Status status) {
  return Error(status == BodyPiece::Status::timed_out ? codes::request_timeout : codes::bad_body);
}

}  // namespace

Task<void> send_bytes(http::Request& request) {
  Exchange& exchange = request.exchange();
  const auto count = query_number(request, {.name = "n", .otherwise = 1024, .max = kMaxBytes});
  if (!count) {
    co_await refuse(request, count.error());
    co_return;
  }
  const std::string head = head_of(exchange, "application/octet-stream", str::cat("Content-Length: ", *count, "\r\n"));
  exchange.begin_response(200, exchange.keep_alive());
  std::uint64_t left = request.method() == "HEAD" ? 0 : *count;
  bool sent = co_await write_text(exchange, head);
  while (sent && left > 0) {
    iovec part = part_of(pattern_block());
    part.iov_len = static_cast<std::size_t>(std::min<std::uint64_t>(left, kBlock));
    left -= part.iov_len;
    const IoResult written = co_await exchange.write(std::span(&part, 1));
    sent = written.ok();
  }
  if (sent) {
    exchange.end_response();
  } else {
    exchange.abort();
  }
}

Task<void> send_events(http::Request& request) {
  Exchange& exchange = request.exchange();
  const auto events = query_number(request, {.name = "events", .otherwise = 5, .max = 1'000'000});
  const auto interval = query_number(request, {.name = "intervalMs", .otherwise = 100, .max = 60'000});
  if (!events || !interval) {
    co_await refuse(request, events ? interval.error() : events.error());
    co_return;
  }
  http::StreamedResponse stream(exchange);
  bool sent = co_await stream.begin("text/event-stream");
  for (std::uint64_t i = 1; sent && stream.wants_text() && i <= *events; ++i) {
    if (i > 1) co_await pause(exchange, Millis(*interval));
    const std::string event = event_text(i);
    sent = co_await stream.write(event);
  }
  co_await stream.end();
}

Task<void> count_upload(Exchange& exchange) {
  BodyPiece piece = co_await exchange.read_body();
  while (piece.status == BodyPiece::Status::data) piece = co_await exchange.read_body();
  http::Response response;
  if (piece.status == BodyPiece::Status::done) {
    std::string body;
    codec::JsonWriter(body).begin_object().member("bytes", exchange.body_bytes()).end_object();
    response = http::json(std::move(body));
  } else {
    response = http::problem(error_of(piece.status), exchange.request_id());
    response.close = true;
  }
  co_await exchange.respond(std::move(response));
}

}  // namespace tollgate::services
