#include "http/stream.h"

#include <algorithm>
#include <array>

#include "base/str.h"
#include "codec/http1/body.h"
#include "http/date.h"

namespace tollgate::http {
namespace {

iovec part_of(std::string_view text) {
  // iovec serves reading too and is not const; writing leaves the bytes alone.
  return {const_cast<char*>(text.data()), text.size()};
}

}  // namespace

Task<bool> StreamedResponse::send(std::string_view framing, std::string_view text, std::string_view end) {
  std::array<iovec, 3> parts{part_of(framing), part_of(text), part_of(end)};
  const runtime::IoResult sent = co_await exchange_.write(parts);
  broken_ = !sent.ok();
  co_return sent.ok();
}

Task<bool> StreamedResponse::begin(std::string_view content_type, std::string_view fields) {
  chunked_ = !exchange_.client_is_1_0();
  with_body_ = exchange_.head().method != codec::Method::head;
  if (!chunked_) exchange_.close_after();
  std::string head =
      str::cat("HTTP/1.1 200 OK\r\nContent-Type: ", content_type, "\r\n", fields, exchange_.stream_fields(),
               "Cache-Control: no-store\r\nDate: ", http_date(exchange_.loop().round_wall_time()),
               "\r\nX-Request-Id: ", format_request_id(exchange_.request_id()), "\r\n");
  if (chunked_) head += "Transfer-Encoding: chunked\r\n";
  if (!exchange_.keep_alive()) head += "Connection: close\r\n";
  head += "\r\n";
  exchange_.begin_response(200, exchange_.keep_alive());
  const bool sent = co_await send(head, {}, {});
  co_return sent;
}

Task<bool> StreamedResponse::write(std::string_view text) {
  if (broken_ || !with_body_ || text.empty()) co_return !broken_;
  std::array<char, 20> size{};
  const std::size_t digits = chunked_ ? codec::write_chunk_header(size.data(), text.size()) : 0;
  const bool sent = co_await send({size.data(), digits}, text, chunked_ ? codec::kChunkEnd : std::string_view());
  co_return sent;
}

Task<void> StreamedResponse::end() {
  if (!broken_ && with_body_ && chunked_) {
    [[maybe_unused]] const bool sent = co_await send("0\r\n\r\n", {}, {});
  }
  if (broken_) {
    exchange_.abort();
  } else {
    exchange_.end_response();
  }
}

void StreamedResponse::abort() {
  broken_ = true;
  exchange_.abort();
}

Task<void> StreamedResponse::wait_until(MonoTime time) {
  constexpr Nanos kStep = Millis(100);
  while (!should_end()) {
    const Nanos left = time - exchange_.loop().now();
    if (left <= Nanos(0)) co_return;
    co_await exchange_.loop().sleep(std::min(left, kStep));
  }
}

}  // namespace tollgate::http
