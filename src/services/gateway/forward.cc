#include "services/gateway/forward.h"

#include <algorithm>

#include "services/gateway/relay.h"
#include "services/gateway/request_head.h"
#include "services/gateway/upload.h"

namespace tollgate::services {

using codec::Method;
using codec::ParseStatus;
using http::UpstreamConnection;
using runtime::IoResult;
using runtime::IoStatus;

namespace {

constexpr int kMaxConnectAttempts = 3;
constexpr int kMaxInterim = 16;
constexpr std::size_t kMaxOwnVia = 3;

// Sending such a request twice has the effect of sending it once (RFC 9110 §9.2.2).
bool is_idempotent(Method method) {
  switch (method) {
    case Method::get:
    case Method::head:
    case Method::options:
    case Method::put:
    case Method::del: return true;
    default: return false;
  }
}

// One forwarding: what its steps share.
class Forwarding {
 public:
  Forwarding(RequestContext& context, const ForwardSettings& settings) : context_(context), settings_(settings) {
    if (settings.timeouts.total <= Millis(0)) return;
    total_deadline_ = context.exchange.started() + settings.timeouts.total;
    context.exchange.end_by(total_deadline_);
  }

  Task<const ErrorCode*> run();

 private:
  void write_head(const HeldBody& body);
  bool take_pooled();
  Task<const ErrorCode*> connect();
  Task<const ErrorCode*> attempt(const HeldBody& body);
  Task<const ErrorCode*> receive_head(const Upload& upload);
  MonoTime answer_deadline(const Upload& upload) const;

  RequestContext& context_;
  const ForwardSettings& settings_;
  std::unique_ptr<UpstreamConnection> upstream_;
  std::size_t upstream_index_ = 0;
  MonoTime total_deadline_ = MonoTime::max();
  MonoTime sent_at_{};
  bool may_repeat_ = false;  // the last attempt ended in a way that allows another
};

Task<const ErrorCode*> Forwarding::run() {
  if (count_own_via(context_.exchange.head(), context_.exchange.bytes(), settings_.via) >= kMaxOwnVia) {
    co_return &codes::loop_detected;
  }
  HeldBody body;
  if (!hold_arrived_body(context_, body)) body = co_await hold_body(context_);
  if (body.error != nullptr) co_return body.error;
  write_head(body);
  // A request that is sent again goes over a new connection, which cannot have been closed while idle: once is enough.
  for (bool first = true;; first = false) {
    const ErrorCode* error = nullptr;
    if (!first || !take_pooled()) error = co_await connect();
    if (error != nullptr) co_return error;
    context_.exchange.socket().kill_along(&upstream_->socket(), settings_.abort_on_client_close);
    may_repeat_ = false;
    error = co_await attempt(body);
    context_.exchange.socket().kill_along(nullptr);
    if (error == nullptr || !may_repeat_) co_return error;
    context_.worker.counters().upstream_retries.add();
  }
}

void Forwarding::write_head(const HeldBody& body) {
  const codec::RequestHead& head = context_.exchange.head();
  ForwardedHead forwarded{.head = head,
                          .bytes = context_.exchange.bytes(),
                          .path = context_.path,
                          .peer = context_.exchange.peer().ip,
                          .client = context_.client_ip,
                          .peer_is_trusted = context_.peer_is_trusted,
                          .via = settings_.via,
                          .key_id = context_.caller.id.view(),
                          .request_id = context_.exchange.request_id(),
                          .content_length = std::nullopt};
  if (head.framing == codec::Framing::content_length) {
    forwarded.content_length = head.content_length;
  } else if (head.framing == codec::Framing::chunked) {
    if (body.whole) {
      forwarded.content_length = body.bytes.size();
    } else {
      forwarded.chunked = true;
    }
  } else if (head.has_content_length) {
    forwarded.content_length = 0;
  }
  context_.scratch.request_head.clear();
  append_forwarded_head(context_.scratch.request_head, forwarded);
}

bool Forwarding::take_pooled() {
  upstream_index_ = context_.worker.pick_upstream(*context_.route);
  upstream_ = context_.worker.pool(upstream_index_).take_idle();
  if (upstream_ == nullptr) return false;
  context_.worker.counters().upstream_reuses.add();
  return true;
}

// A new connection. What could not be connected to has run nothing: the next upstream is tried.
Task<const ErrorCode*> Forwarding::connect() {
  const ErrorCode* error = nullptr;
  for (int attempts = 0; attempts < kMaxConnectAttempts; ++attempts) {
    if (attempts > 0) upstream_index_ = context_.worker.pick_upstream(*context_.route);
    http::UpstreamPool& pool = context_.worker.pool(upstream_index_);
    context_.worker.counters().upstream_connects.add();
    http::ConnectAttempt attempt(total_deadline_);
    context_.exchange.socket().kill_along(&attempt, settings_.abort_on_client_close);
    auto connected = co_await pool.connect(attempt);
    context_.exchange.socket().kill_along(nullptr);
    if (connected) {
      context_.worker.upstream_connected(upstream_index_);
      upstream_ = *std::move(connected);
      co_return nullptr;
    }
    error = &connected.error().code();
    if (error->source != ErrorSource::upstream) break;           // we were stopped, or have no descriptor left
    if (context_.worker.loop().now() >= total_deadline_) break;  // the time was ours that was over
    context_.worker.upstream_refused(upstream_index_);
    if (context_.route->upstreams.size() == 1 && error->kind == ErrorKind::timeout) break;
  }
  co_return error;
}

// For the whole head of the answer, in however many pieces it comes. While the body is still on its way the upstream is
// not late.
MonoTime Forwarding::answer_deadline(const Upload& upload) const {
  if (upload.running()) return total_deadline_;
  if (upload.started()) return upload.answer_due();
  return std::min(sent_at_ + settings_.timeouts.first_byte, total_deadline_);
}

Task<const ErrorCode*> Forwarding::attempt(const HeldBody& body) {
  const bool chunked = !body.whole && context_.exchange.head().framing == codec::Framing::chunked;
  const bool repeatable = upstream_->reused() && body.whole && is_idempotent(context_.exchange.head().method);
  Upload upload(context_, *upstream_, chunked);
  std::string& head = context_.scratch.request_head;
  char chunk_header[20];
  const std::size_t chunk_header_length = chunked ? codec::write_chunk_header(chunk_header, body.bytes.size()) : 0;
  std::array<iovec, 4> all{{{head.data(), head.size()},
                            {chunk_header, chunk_header_length},
                            {const_cast<char*>(body.bytes.data()), body.bytes.size()},
                            {const_cast<char*>(codec::kChunkEnd.data()), chunked ? codec::kChunkEnd.size() : 0}}};
  std::span<iovec> parts(all.data(), body.bytes.empty() ? 1 : 4);
  IoResult sent;
  co_await context_.worker.loop().write_turn();
  if (!upstream_->socket().try_write(parts, sent)) {
    const runtime::WriteLimit limit{.stall = settings_.timeouts.first_byte, .end = total_deadline_};
    sent = co_await upstream_->socket().write_all(parts, limit);
  }
  sent_at_ = context_.worker.loop().now();
  if (sent.status == IoStatus::cancelled) co_return &codes::cancelled;
  if (sent.status == IoStatus::timed_out) co_return &codes::upstream_timeout;
  if (!sent.ok()) {
    may_repeat_ = repeatable;
    co_return &codes::upstream_closed;
  }
  if (!body.whole) upload.start({.first_byte = settings_.timeouts.first_byte, .total = total_deadline_});

  const ErrorCode* error = co_await receive_head(upload);
  if (error != nullptr) {
    may_repeat_ = repeatable && error == &codes::upstream_closed && upstream_->in().empty();
    if (upload.running()) co_await upload.join();
    if (upload.error() != nullptr) error = upload.error();
    co_return error;
  }
  // An answer before the body was sent: the client is answered, and neither connection is used again.
  if (!body.whole && !upload.sent_whole()) context_.exchange.close_after();
  const RelayResult relayed = co_await relay_response(
      context_, *upstream_, {.upstream_idle = settings_.timeouts.upstream_idle, .total_deadline = total_deadline_});
  const bool request_sent = body.whole || upload.sent_whole();
  if (upload.running()) co_await upload.join();
  if (relayed.reusable && request_sent) context_.worker.pool(upstream_index_).put_idle(std::move(upstream_));
  co_return relayed.error;
}

// Waits for the head of the final response; passes 103 on, and lets no other interim response through.
Task<const ErrorCode*> Forwarding::receive_head(const Upload& upload) {
  codec::ResponseParser& parser = context_.scratch.response;
  const Method method = context_.exchange.head().method;
  parser.reset(method);
  int interim = 0;
  bool first = true;
  while (true) {
    runtime::Buffer& in = upstream_->in();
    const ParseStatus status = in.empty() ? ParseStatus::need_more : parser.parse(in.view());
    if (status == ParseStatus::error) co_return &codes::upstream_invalid_response;
    if (status == ParseStatus::complete) {
      const codec::ResponseHead& head = parser.head();
      if (head.status >= 200) co_return nullptr;
      // Upgrade is never forwarded, so nobody asked for 101.
      if (head.status == 101 || ++interim > kMaxInterim) co_return &codes::upstream_invalid_response;
      if (head.status == 103 && !context_.exchange.client_is_1_0()) co_await relay_interim(context_, head, in.view());
      in.consume(head.size);
      parser.reset(method);
      continue;
    }
    if (upload.error() != nullptr) co_return upload.error();
    const IoResult got = co_await upstream_->receive(answer_deadline(upload));
    if (got.status == IoStatus::timed_out) co_return &codes::upstream_timeout;
    if (got.status == IoStatus::cancelled) co_return &codes::cancelled;
    if (!got.ok()) co_return &codes::upstream_closed;
    if (std::exchange(first, false)) {
      const Nanos waited = context_.worker.loop().round_time() - sent_at_;
      context_.upstream_us =
          static_cast<std::uint32_t>(std::clamp<std::int64_t>(waited.count() / 1'000, 1, 0xffff'ffff));
    }
  }
}

}  // namespace

Task<const ErrorCode*> forward(RequestContext& context, ForwardSettings settings) {
  Forwarding forwarding(context, settings);
  const ErrorCode* error = co_await forwarding.run();
  co_return error;
}

}  // namespace tollgate::services
