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
  http::Exchange& exchange = context_.exchange;
  bool going = true;
  while (going && !stopping_) {
    const BodyPiece piece = co_await exchange.read_body();
    if (stopping_) break;
    error_ = error_of(piece.status);
    if (exchange.body_bytes() > context_.route->max_body_bytes) error_ = &codes::payload_too_large;
    if (error_ != nullptr) {
      upstream_.socket().shutdown_write();  // the request ends here, visibly incomplete
      upstream_.socket().cancel();          // whoever awaits the response learns of it
      break;
    }
    if (piece.status == BodyPiece::Status::done) {
      if (chunked_) {
        going = co_await send_piece(codec::kLastChunk);
      }
      sent_whole_ = going;
      break;
    }
    if (chunked_) {
      char header[20];
      const std::size_t length = codec::write_chunk_header(header, piece.data.size());
      std::array<iovec, 3> parts{{{header, length},
                                  {const_cast<char*>(piece.data.data()), piece.data.size()},
                                  {const_cast<char*>(codec::kChunkEnd.data()), codec::kChunkEnd.size()}}};
      going = co_await send(parts);
    } else {
      going = co_await send_piece(piece.data);
    }
  }
  // From now on the upstream is late if it does not answer, also when it has stopped taking the body.
  answer_due_ = std::min(exchange.loop().now() + answer_.first_byte, answer_.total);
  if (!stopping_ && error_ == nullptr && !exchange.response_begun()) {
    upstream_.socket().set_read_deadline(answer_due_);
  }
  finished_.set();
}

Task<bool> Upload::send_piece(std::string_view data) {
  iovec part{const_cast<char*>(data.data()), data.size()};
  const bool sent = co_await send(std::span(&part, 1));
  co_return sent;
}

Task<bool> Upload::send(std::span<iovec> parts) {
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
