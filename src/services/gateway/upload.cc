#include "services/gateway/upload.h"

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

Task<HeldBody> hold_body(RequestContext& context) {
  http::Exchange& exchange = context.exchange;
  const codec::RequestHead& head = exchange.head();
  const std::uint64_t max_bytes = context.route->max_body_bytes;
  if (head.framing == codec::Framing::none) co_return HeldBody{.whole = true};
  if (head.content_length > max_bytes) co_return HeldBody{.error = &codes::payload_too_large};

  BodyPiece piece;
  bool have_piece = exchange.try_read_body(piece);
  if (have_piece && piece.status == BodyPiece::Status::data && piece.data.size() == head.content_length) {
    co_return HeldBody{.whole = true, .bytes = piece.data};  // came with the head in one piece: no copy
  }
  std::string& held = context.scratch.held_body;
  held.clear();
  while (held.size() < kHeldBodyBytes) {
    if (!std::exchange(have_piece, false)) {
      piece = co_await exchange.read_body();
    }
    if (piece.status == BodyPiece::Status::done) co_return HeldBody{.whole = true, .bytes = held};
    if (const ErrorCode* error = error_of(piece.status)) co_return HeldBody{.error = error};
    held.append(piece.data);
    if (exchange.body_bytes() > max_bytes) co_return HeldBody{.error = &codes::payload_too_large};
  }
  co_return HeldBody{.bytes = held};
}

void Upload::start(Millis first_byte_timeout) {
  started_ = true;
  first_byte_timeout_ = first_byte_timeout;
  context_.worker.uploads().spawn(run());
}

Task<void> Upload::run() {
  http::Exchange& exchange = context_.exchange;
  bool going = true;
  while (going) {
    const BodyPiece piece = co_await exchange.read_body();
    if (stopping_) break;
    error_ = error_of(piece.status);
    if (exchange.body_bytes() > context_.route->max_body_bytes) error_ = &codes::payload_too_large;
    if (error_ != nullptr) {
      upstream_.socket().cancel();  // whoever awaits the response learns of it
      break;
    }
    if (piece.status == BodyPiece::Status::done) {
      if (chunked_) {
        going = co_await send(codec::kLastChunk);
      }
      sent_whole_ = going;
      upstream_.socket().set_read_deadline(exchange.loop().now() + first_byte_timeout_);
      break;
    }
    if (chunked_) {
      char header[20];
      const std::size_t length = codec::write_chunk_header(header, piece.data.size());
      std::array<iovec, 3> parts{{{header, length},
                                  {const_cast<char*>(piece.data.data()), piece.data.size()},
                                  {const_cast<char*>(codec::kChunkEnd.data()), codec::kChunkEnd.size()}}};
      upstream_.socket().set_write_deadline(exchange.loop().now() + kUploadStall);
      const IoResult sent = co_await upstream_.socket().write_all(std::span<iovec>(parts));
      going = sent.ok();
    } else {
      going = co_await send(piece.data);
    }
  }
  finished_.set();
}

Task<bool> Upload::send(std::string_view data) {
  upstream_.socket().set_write_deadline(context_.worker.loop().now() + kUploadStall);
  const IoResult sent = co_await upstream_.socket().write_all(data);
  co_return sent.ok();
}

Task<void> Upload::join() {
  if (!started_) co_return;
  if (!finished_.is_set()) {
    stopping_ = true;
    context_.exchange.socket().cancel();
    upstream_.socket().cancel();
  }
  co_await finished_;
}

}  // namespace tollgate::services
