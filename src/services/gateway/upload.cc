#include "services/gateway/upload.h"

#include <algorithm>

#include "base/assert.h"

namespace tollgate::services {

using http::BodyPiece;
using runtime::IoResult;

namespace {

const ErrorCode* error_of(BodyPiece::Status status) {
  switch (status) {
    case BodyPiece::Status::timed_out: return &codes::request_timeout;
    case BodyPiece::Status::malformed: return &codes::bad_body;
    case BodyPiece::Status::gone: return &codes::cancelled;
    case BodyPiece::Status::data:
    case BodyPiece::Status::done: return nullptr;
  }
  return nullptr;
}

iovec part_of(std::string_view text) {
  return {const_cast<char*>(text.data()), text.size()};
}

// An upstream that takes nothing of a body for this long is treated as gone.
constexpr Seconds kUploadStall{30};

}  // namespace

bool hold_arrived_body(RequestContext& context, HeldBody& body) {
  const codec::RequestHead& head = context.exchange.head();
  if (head.framing == codec::Framing::none) {
    body = {.whole = true};
    return true;
  }
  if (head.content_length > context.route->max_body_bytes) {
    body = {.error = &codes::payload_too_large};
    return true;
  }
  if (head.framing != codec::Framing::content_length || context.exchange.arrived_body_bytes() < head.content_length)
    return false;
  // Came with the head in one piece: no copy.
  BodyPiece piece;
  const bool there = context.exchange.try_read_body(piece);
  TG_ASSERT(there && piece.data.size() == head.content_length);
  body = {.whole = true, .bytes = piece.data};
  return true;
}

Task<HeldBody> hold_body(RequestContext& context) {
  http::Exchange& exchange = context.exchange;
  std::string& held = context.scratch.held_body;
  held.clear();
  while (held.size() < kHeldBodyBytes) {
    const BodyPiece piece = co_await exchange.read_body();
    if (piece.status == BodyPiece::Status::done) co_return HeldBody{.whole = true, .bytes = held};
    if (const ErrorCode* error = error_of(piece.status)) co_return HeldBody{.error = error};
    held.append(piece.data);
    if (exchange.body_bytes() > context.route->max_body_bytes) co_return HeldBody{.error = &codes::payload_too_large};
  }
  co_return HeldBody{.bytes = held};
}

void Upload::start(AnswerDeadline answer) {
  started_ = true;
  answer_ = answer;
  context_.worker.uploads().spawn(run());
}

Task<void> Upload::run() {
  bool going = true;
  while (going && !stopping_) {
    BodyPiece piece = co_await context_.exchange.read_body();
    if (stopping_) break;
    const std::string_view bytes = take_arrived(piece);
    if (error_ != nullptr) {
      upstream_.socket().shutdown_write();  // the request ends here, visibly incomplete
      upstream_.socket().cancel();          // whoever awaits the response learns of it
      break;
    }
    const bool is_last = piece.status == BodyPiece::Status::done;
    going = co_await send(bytes, is_last);
    if (is_last) {
      sent_whole_ = going;
      break;
    }
  }
  // From now on the upstream is late if it does not answer, also when it has stopped taking the body.
  const MonoTime now = context_.worker.loop().now();
  answer_due_ = std::min(now + answer_.first_byte, answer_.total);
  if (!stopping_ && error_ == nullptr && !context_.exchange.response_begun()) {
    upstream_.socket().set_read_deadline(answer_due_);
  }
  finished_.set();
}

// The bytes of `piece` and of those that have arrived behind it; `piece` is the last of them afterwards. In one write,
// however small they came: a client that sends a chunk for each byte must not make us send a packet for each.
std::string_view Upload::take_arrived(BodyPiece& piece) {
  http::Exchange& exchange = context_.exchange;
  std::string& gathered = context_.scratch.held_body;
  gathered.clear();
  std::string_view bytes;
  while (true) {
    error_ = error_of(piece.status);
    if (exchange.body_bytes() > context_.route->max_body_bytes) error_ = &codes::payload_too_large;
    if (error_ != nullptr || piece.status == BodyPiece::Status::done) return bytes;
    if (bytes.empty()) {
      bytes = piece.data;  // most come alone, and are not copied
    } else {
      if (gathered.empty()) gathered.assign(bytes);
      bytes = gathered.append(piece.data);
    }
    if (bytes.size() >= kHeldBodyBytes || !exchange.try_read_body(piece)) return bytes;
  }
}

// As they are, or as one chunk with the body's end behind the last.
Task<bool> Upload::send(std::string_view bytes, bool is_last) {
  char header[20];
  const bool is_chunk = chunked_ && !bytes.empty();
  const std::size_t header_length = is_chunk ? codec::write_chunk_header(header, bytes.size()) : 0;
  const std::string_view chunk_end = is_chunk ? codec::kChunkEnd : std::string_view();
  const std::string_view body_end = is_last ? codec::kLastChunk : std::string_view();
  std::array<iovec, 4> framed{{{header, header_length}, part_of(bytes), part_of(chunk_end), part_of(body_end)}};
  const std::span<iovec> parts = chunked_ ? std::span(framed) : std::span(framed).subspan(1, 1);
  if (bytes.empty() && !(chunked_ && is_last)) co_return true;
  co_await context_.worker.loop().write_turn();
  const runtime::WriteLimit limit{.stall = kUploadStall, .end = answer_.total};
  const IoResult sent = co_await upstream_.socket().write_all(parts, limit);
  co_return sent.ok();
}

Task<void> Upload::join() {
  if (!started_) co_return;
  if (!finished_.is_set()) {
    stopping_ = true;
    upstream_.socket().shutdown_write();  // a write that is about to go on fails, too
    context_.exchange.socket().cancel();
    upstream_.socket().cancel();
  }
  co_await finished_;
}

}  // namespace tollgate::services
