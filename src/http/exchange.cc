#include "http/exchange.h"

#include <algorithm>

#include "base/str.h"
#include "http/date.h"

namespace tollgate::http {

using codec::BodyDecoder;
using runtime::IoResult;
using runtime::IoStatus;

namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::uint64_t kMinBodyBytesPerSecond = 240;

}  // namespace

Seconds time_earned_by(std::uint64_t body_bytes) {
  return Seconds(body_bytes / kMinBodyBytesPerSecond);
}

std::string_view Exchange::header(codec::HeaderId id) const {
  const codec::HeaderField* field = head_->fields.find(id);
  return field == nullptr ? std::string_view{} : field->value(bytes_);
}

std::string_view Exchange::header(std::string_view name) const {
  for (const codec::HeaderField& field : head_->fields) {
    if (str::iequals(field.name(bytes_), name)) return field.value(bytes_);
  }
  return {};
}

// One step of the decoder over bytes that are here. False: there are none, or not enough.
bool Exchange::step_body(BodyPiece& piece) {
  while (true) {
    const bool early = early_used_ < early_.size();
    const std::string_view input = early ? early_.substr(early_used_) : later_.view();
    const BodyDecoder::Step step = body_.step(input);
    if (early) {
      early_used_ += step.consumed;
    } else if (step.event == BodyDecoder::Event::data) {
      later_pending_ = step.consumed;  // the view stays valid until the next read
    } else {
      later_.consume(step.consumed);
    }
    switch (step.event) {
      case BodyDecoder::Event::data: piece = {BodyPiece::Status::data, step.data}; return true;
      case BodyDecoder::Event::done: piece = {BodyPiece::Status::done, {}}; return true;
      case BodyDecoder::Event::error:
        keep_alive_ = false;
        piece = {BodyPiece::Status::malformed, {}};
        return true;
      case BodyDecoder::Event::need_more:
        if (!early) return false;
        break;  // the early bytes are used up; go on with the later ones
    }
  }
}

bool Exchange::try_read_body(BodyPiece& piece) {
  later_.consume(std::exchange(later_pending_, 0));
  if (body_.done()) {
    piece = {};
    return true;
  }
  return step_body(piece);
}

bool Exchange::discard_arrived_body() {
  BodyPiece rest;
  while (!body_.done()) {
    if (!try_read_body(rest) || rest.status == BodyPiece::Status::malformed) return false;
  }
  return true;
}

// A body may pause for body_idle, and must keep a mean rate: dripping bytes does not buy unlimited time.
MonoTime Exchange::body_deadline() const {
  const Seconds earned = time_earned_by(body_.delivered());
  return std::min({loop_.round_time() + timeouts_.body_idle, body_started_ + timeouts_.body_idle + earned, total_});
}

Task<BodyPiece> Exchange::read_body() {
  BodyPiece piece;
  if (try_read_body(piece)) co_return piece;
  if (body_started_ == MonoTime{}) body_started_ = loop_.round_time();
  if (std::exchange(continue_due_, false)) {
    iovec part{const_cast<char*>(kContinue.data()), kContinue.size()};
    const IoResult sent = co_await write(std::span(&part, 1));
    if (!sent.ok()) co_return BodyPiece{BodyPiece::Status::gone, {}};
  }
  while (true) {
    socket_.set_read_deadline(body_deadline());
    socket_.start_read(later_.prepare(1));
    const IoResult got = co_await socket_.finish_read();
    if (!got.ok()) {
      keep_alive_ = false;
      co_return BodyPiece{got.status == IoStatus::timed_out ? BodyPiece::Status::timed_out : BodyPiece::Status::gone,
                          {}};
    }
    later_.commit(got.bytes);
    if (step_body(piece)) break;
  }
  socket_.clear_read_deadline();
  co_return piece;
}

void Exchange::begin_response(std::uint16_t status, bool keep_alive) {
  status_ = status;
  if (!keep_alive) keep_alive_ = false;
}

bool Exchange::try_write(std::span<iovec>& parts, IoResult& result) {
  const bool done = socket_.try_write(parts, result);
  bytes_out_ += result.bytes;
  if (!result.ok()) keep_alive_ = false;
  return done;
}

Task<IoResult> Exchange::write(std::span<iovec> parts) {
  IoResult result;
  if (try_write(parts, result)) co_return result;
  const std::size_t at_once = result.bytes;
  const runtime::WriteLimit limit{.stall = timeouts_.write_stall, .end = total_};
  result = co_await socket_.write_all(parts, limit);
  if (!result.ok()) keep_alive_ = false;
  bytes_out_ += result.bytes;
  result.bytes += at_once;
  co_return result;
}

Task<bool> Exchange::respond(Response response) {
  // What is left of a refused request's body may never come (Expect), or may be long.
  if (!discard_arrived_body() || response.close) keep_alive_ = false;
  std::string head;
  head.reserve(512);
  str::append(head, "HTTP/1.1 ", response.status, " ", reason_phrase(response.status), "\r\n");
  for (const auto& [name, value] : response.headers) str::append(head, name, ": ", value, "\r\n");
  if (!stream_fields_.empty()) str::append(head, stream_fields_, "Cache-Control: no-store\r\n");
  str::append(head, "Date: ", http_date(loop_.round_wall_time()), "\r\n");
  const bool has_length = response.status != 204 && response.status != 304 && response.status >= 200;
  if (has_length) str::append(head, "Content-Length: ", response.body.size(), "\r\n");
  str::append(head, "X-Request-Id: ", format_request_id(request_id_), "\r\n");
  if (!keep_alive_) str::append(head, "Connection: close\r\n");
  str::append(head, "\r\n");
  begin_response(response.status, keep_alive_);
  const bool with_body = has_length && head_->method != codec::Method::head;
  std::array<iovec, 2> parts{
      {{head.data(), head.size()}, {response.body.data(), with_body ? response.body.size() : 0}}};
  co_await loop_.write_turn();
  const IoResult sent = co_await write(std::span(parts).first(with_body ? 2 : 1));
  end_response();
  co_return sent.ok();
}

}  // namespace tollgate::http
