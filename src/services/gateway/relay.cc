#include "services/gateway/relay.h"

#include <algorithm>

#include "base/str.h"
#include "base/text_cursor.h"
#include "http/date.h"
#include "http/rate_limit_headers.h"
#include "services/gateway/books.h"
#include "services/gateway/kept_fields.h"

namespace tollgate::services {

using codec::BodyDecoder;
using codec::Framing;
using codec::HeaderField;
using codec::HeaderId;
using runtime::IoResult;

namespace {

constexpr std::size_t kCopiedBodyBytes = 4096;

enum class OutFraming : std::uint8_t { none, as_it_comes, chunked };

// What a client already has when it reads a piece, gathered for one write.
class Gather {
 public:
  static constexpr std::size_t kParts = 48;

  bool full() const { return count_ + 4 > kParts; }
  bool empty() const { return count_ == 0; }
  std::size_t bytes() const { return bytes_; }
  void add(std::string_view text) {
    parts_[count_++] = {const_cast<char*>(text.data()), text.size()};
    bytes_ += text.size();
  }
  void add_chunk(std::string_view data) {
    auto& header = chunk_headers_[chunks_++];
    const std::size_t length = codec::write_chunk_header(header.data(), data.size());
    add({header.data(), length});
    add(data);
    add(codec::kChunkEnd);
  }
  std::span<iovec> parts() { return {parts_.data(), count_}; }
  void clear() { count_ = bytes_ = chunks_ = 0; }

 private:
  std::array<iovec, kParts> parts_;
  std::array<std::array<char, 20>, kParts / 3> chunk_headers_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  std::size_t chunks_ = 0;
};

bool is_kept(const HeaderField& field) {
  return !field.drop && field.id != HeaderId::content_length && field.id != HeaderId::transfer_encoding &&
         field.id != HeaderId::x_request_id;
}

// An upstream's own figures beside ours would contradict them.
void drop_rate_limit_fields(codec::ResponseHead& head, std::string_view bytes) {
  for (HeaderField& field : head.fields) {
    if (field.id == HeaderId::other && http::is_rate_limit_field(field.name(bytes))) field.drop = true;
  }
}

void append_status_line(std::string& out, const codec::ResponseHead& head, std::string_view bytes) {
  str::append(out, "HTTP/1.1 ", head.status, ' ', head.reason.in(bytes), "\r\n");
}

OutFraming append_response_head(std::string& out, const RequestContext& context, std::string_view bytes) {
  codec::ResponseHead& head = context.scratch.response.head();
  const http::Exchange& exchange = context.exchange;
  std::array<http::RateLimitItem, core::kMaxChecks> items;
  const std::size_t count = context.limits.items(context.outcome, items);
  if (count > 0) drop_rate_limit_fields(head, bytes);
  append_status_line(out, head, bytes);
  append_kept_fields(out, head.fields, bytes, is_kept);
  if (head.fields.find(HeaderId::date) == nullptr)
    str::append(out, "Date: ", http::http_date(context.worker.loop().round_wall_time()), "\r\n");
  http::append_rate_limit_lines(out, std::span(items).first(count));
  append_text(out, 40,
              [&](TextCursor& text) { text.put("X-Request-Id: ").put_hex64(exchange.request_id()).put("\r\n"); });

  OutFraming framing = OutFraming::none;
  if (head.framing == Framing::content_length || head.has_content_length) {
    str::append(out, "Content-Length: ", head.content_length, "\r\n");
    framing = head.framing == Framing::content_length ? OutFraming::as_it_comes : OutFraming::none;
  } else if (head.framing == Framing::chunked || head.framing == Framing::until_close) {
    framing = exchange.client_is_1_0() ? OutFraming::as_it_comes : OutFraming::chunked;
    if (framing == OutFraming::chunked) out.append("Transfer-Encoding: chunked\r\n");
  }
  if (!exchange.keep_alive()) out.append("Connection: close\r\n");
  out.append("\r\n");
  return framing;
}

core::Outcome outcome_of(std::uint16_t status) {
  return status >= 500 ? core::Outcome::upstream_error : core::Outcome::allowed;
}

// The head, and behind it a short body that is here already: one piece is cheaper to send than two.
OutFraming write_beginning(RequestContext& context, runtime::Buffer& in, BodyDecoder& body) {
  http::Exchange& exchange = context.exchange;
  const codec::ResponseHead& head = context.scratch.response.head();
  // A 1.0 client learns the end of a body without length from the connection's.
  const bool ends_with_connection =
      exchange.client_is_1_0() && (head.framing == Framing::chunked || head.framing == Framing::until_close);
  exchange.begin_response(head.status, exchange.keep_alive() && !ends_with_connection);
  std::string& out = context.scratch.response_head;
  out.clear();
  const OutFraming framing = append_response_head(out, context, in.view());
  in.consume(head.size);
  if (head.framing == Framing::content_length && head.content_length <= kCopiedBodyBytes &&
      in.size() >= head.content_length) {
    const BodyDecoder::Step whole = body.step(in.view());
    out.append(whole.data);
    in.consume(whole.consumed);
  }
  return framing;
}

struct Gathered {
  BodyDecoder::Event event;  // data: the gather is full and there is more
  std::size_t used;          // of the bytes
};

// Everything that is here goes into one write.
Gathered gather_body(Gather& gather, BodyDecoder& body, std::string_view bytes, OutFraming framing) {
  std::size_t used = 0;
  BodyDecoder::Step step;
  do {
    step = body.step(bytes.substr(used));
    used += step.consumed;
    if (step.event != BodyDecoder::Event::data) break;
    if (framing == OutFraming::chunked) {
      gather.add_chunk(step.data);
    } else {
      gather.add(step.data);
    }
  } while (!gather.full());
  if (step.event == BodyDecoder::Event::done && framing == OutFraming::chunked) gather.add(codec::kLastChunk);
  return {.event = step.event, .used = used};
}

// The client must not take the part for the whole: no last chunk, no clean close.
RelayResult cut_short(RequestContext& context, std::uint16_t status, core::Outcome outcome) {
  close_books(context, {.status = status, .outcome = outcome});
  context.exchange.abort();
  return {};
}

}  // namespace

Task<RelayResult> relay_response(RequestContext& context, http::UpstreamConnection& upstream, RelaySettings settings) {
  http::Exchange& exchange = context.exchange;
  const codec::ResponseHead& head = context.scratch.response.head();
  runtime::Buffer& in = upstream.in();
  const std::uint16_t status = head.status;
  const bool upstream_keeps_alive = head.keep_alive;

  BodyDecoder body(head.framing, head.content_length);
  const OutFraming framing = write_beginning(context, in, body);
  Gather gather;
  gather.add(context.scratch.response_head);
  bool begun = false;  // something of it is on its way to the client
  while (true) {
    const Gathered here = gather_body(gather, body, in.view(), framing);
    const bool done = here.event == BodyDecoder::Event::done;
    if (done) close_books(context, {.status = status, .outcome = outcome_of(status), .last_bytes = gather.bytes()});
    if (here.event == BodyDecoder::Event::error && !begun) {
      co_return RelayResult{.error = &codes::upstream_invalid_response};
    }
    if (!gather.empty()) {
      begun = true;
      std::span<iovec> parts = gather.parts();
      IoResult sent;
      co_await context.worker.loop().write_turn();
      if (!exchange.try_write(parts, sent)) sent = co_await exchange.write(parts);
      gather.clear();
      if (!sent.ok()) co_return cut_short(context, status, outcome_of(status));
    }
    in.consume(here.used);
    if (done) {
      exchange.end_response();
      co_return RelayResult{.reusable = upstream_keeps_alive && in.empty()};
    }
    if (here.event == BodyDecoder::Event::data) continue;
    if (here.event == BodyDecoder::Event::error) co_return cut_short(context, status, core::Outcome::upstream_error);

    const MonoTime now = context.worker.loop().round_time();
    const MonoTime deadline = std::min(now + settings.upstream_idle, settings.total_deadline);
    IoResult got{.status = runtime::IoStatus::timed_out};
    if (now < settings.total_deadline) got = co_await upstream.receive(deadline);
    if (got.ok()) continue;
    if (got.status == runtime::IoStatus::end && body.on_end_of_stream()) continue;
    const bool client_gone = got.status == runtime::IoStatus::cancelled;
    co_return cut_short(context, status, client_gone ? outcome_of(status) : core::Outcome::upstream_error);
  }
}

Task<void> relay_interim(RequestContext& context, const codec::ResponseHead& head, std::string_view bytes) {
  std::string out;
  append_status_line(out, head, bytes);
  append_kept_fields(out, head.fields, bytes, is_kept);
  out.append("\r\n");
  iovec part{out.data(), out.size()};
  co_await context.exchange.write(std::span(&part, 1));
}

}  // namespace tollgate::services
