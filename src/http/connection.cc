#include "http/connection.h"

#include <algorithm>

#include "base/str.h"
#include "http/linger.h"

namespace tollgate::http {

using codec::ParseStatus;
using runtime::IoResult;
using runtime::IoStatus;

namespace {

// After this long without a request a connection gives its buffers back; it costs a system call to wait without one.
constexpr Millis kGiveBackAfter{1'000};
// A refused request's remains are read and thrown away for this long, so that the answer is not lost to a reset.
constexpr LingerLimit kLinger{.time = Millis(2'000), .bytes = 8u << 20};
// At shutdown, who has connected but asked nothing yet has this long to ask.
constexpr Millis kFirstRequestAtShutdown{500};

constexpr std::string_view kAllowed = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

bool is_about_the_server(const codec::RequestHead& head) {
  return head.asterisk_form || (head.method == codec::Method::options && head.max_forwards == 0);
}

}  // namespace

Connection::Connection(ConnectionContext& context, runtime::Accepted accepted)
    : context_(context), socket_(std::move(accepted.socket)), peer_(accepted.peer) {}

Task<void> Connection::run() {
  bool go_on = true;
  while (go_on) {
    const Head head = co_await read_head();
    if (head != Head::complete) break;
    go_on = co_await serve_one();
    if (ending_ || context_.draining) break;
  }
  socket_.close();
}

void Connection::ask_to_end() {
  ending_ = true;
  if (current_ != nullptr) {
    current_->close_after();
    current_->asked_to_end_ = true;
  } else if (between_requests_ && served_ == 0) {
    socket_.set_read_deadline(context_.loop.now() + kFirstRequestAtShutdown);
  } else if (between_requests_) {
    socket_.cancel_idle_read();  // a request that has arrived is answered all the same
  }
}

void Connection::kill() {
  ending_ = true;
  socket_.kill();
  if (current_ != nullptr) current_->killed_ = true;
}

// No request for a while: gives the memory back and waits for the next one without.
Task<IoStatus> Connection::hibernate(MonoTime idle_since) {
  if (context_.timeouts.keep_alive <= kGiveBackAfter) co_return IoStatus::timed_out;
  in_.release();
  parser_.reset();
  socket_.set_read_deadline(idle_since + context_.timeouts.keep_alive);
  socket_.start_wait_readable();
  const IoResult readable = co_await socket_.finish_read();
  co_return readable.status;
}

Task<Connection::Head> Connection::read_head() {
  between_requests_ = true;
  if (in_.empty()) {
    const MonoTime idle_since = context_.loop.round_time();
    socket_.set_read_deadline(idle_since + std::min<Millis>(kGiveBackAfter, context_.timeouts.keep_alive));
    const IoResult got = co_await socket_.read_some(in_.prepare(1));
    IoStatus status = got.status;
    if (got.ok()) {
      in_.commit(got.bytes);
    } else if (status == IoStatus::timed_out && !ending_) {
      status = co_await hibernate(idle_since);
    }
    if (status != IoStatus::ok) co_return Head::over;
  }
  between_requests_ = false;
  if (parser_ == nullptr) parser_ = std::make_unique<codec::RequestParser>();
  parser_->reset();
  request_started_ = context_.loop.round_time();
  socket_.set_read_deadline(request_started_ + context_.timeouts.header);
  while (true) {
    const ParseStatus status = in_.empty() ? ParseStatus::need_more : parser_->parse(in_.view());
    if (status == ParseStatus::complete) {
      socket_.clear_read_deadline();
      co_return Head::complete;
    }
    if (status == ParseStatus::error) {
      co_await refuse(parser_->error_code(), parser_->error_detail());
      co_return Head::refused;
    }
    const IoResult got = co_await socket_.read_some(in_.prepare(1));
    if (got.status == IoStatus::timed_out && !parser_->idle()) {
      socket_.clear_read_deadline();
      co_await refuse(codes::request_timeout, "the request's head did not arrive in time");
      co_return Head::refused;
    }
    if (!got.ok()) co_return Head::over;
    in_.commit(got.bytes);
  }
}

Task<void> Connection::refuse(const ErrorCode& code, std::string_view detail) {
  const WallTime now = context_.loop.round_wall_time();
  const std::uint64_t id = context_.ids.next(now);
  // No exchange exists: an empty head stands for the request that could not be read.
  codec::RequestHead none;
  Exchange exchange(context_.loop, socket_, context_.timeouts);
  exchange.head_ = &none;
  exchange.request_id_ = id;
  exchange.started_wall_ = now;
  exchange.keep_alive_ = false;
  context_.handler.refused({&code, detail, peer_, context_.worker, id, exchange.started_wall_});
  socket_.clear_read_deadline();
  const bool sent = co_await exchange.respond(problem(Error(code, std::string(detail)), id));
  if (sent) co_await linger(context_.loop, socket_, in_, kLinger);
}

Task<bool> Connection::serve_one() {
  codec::RequestHead& head = parser_->head();
  const std::string_view bytes = in_.view();
  Exchange exchange(context_.loop, socket_, context_.timeouts);
  exchange.worker_ = context_.worker;
  exchange.peer_ = peer_;
  exchange.started_ = request_started_;
  exchange.started_wall_ = context_.loop.round_wall_time();
  exchange.request_id_ = context_.ids.next(exchange.started_wall_);
  exchange.head_ = &head;
  exchange.bytes_ = bytes;
  exchange.early_ = bytes.substr(head.size);
  exchange.body_ = codec::BodyDecoder(head.framing, head.content_length);
  exchange.continue_due_ = head.expect_continue && exchange.early_.empty();
  exchange.keep_alive_ = head.keep_alive && !context_.draining;

  current_ = &exchange;
  if (is_about_the_server(head) || head.method == codec::Method::trace || head.method == codec::Method::connect) {
    co_await answer_without_handler(exchange);
  } else {
    co_await context_.handler.handle(exchange);
  }
  current_ = nullptr;
  ++served_;

  if (!exchange.ended_ || exchange.aborted_) {
    socket_.close(/*reset=*/true);
    co_return false;
  }
  // A body nobody read ends here, if it is short and has arrived. Otherwise the connection does.
  if (!exchange.discard_arrived_body() || !exchange.keep_alive_) {
    co_await linger(context_.loop, socket_, in_, kLinger);
    co_return false;
  }
  in_.consume(head.size + exchange.early_used_);
  exchange.later_.consume(exchange.later_pending_);
  in_.append(exchange.later_.view());
  co_return true;
}

// OPTIONS * is about the server itself, and so is one that may not go further; TRACE and CONNECT are never forwarded
// and never reach a handler.
Task<void> Connection::answer_without_handler(Exchange& exchange) {
  const codec::RequestHead& head = exchange.head();
  const bool about_the_server = is_about_the_server(head);
  context_.handler.refused({about_the_server ? nullptr : &codes::method_not_allowed,
                            {},
                            peer_,
                            context_.worker,
                            exchange.request_id_,
                            exchange.started_wall_,
                            head.method});
  Response response = about_the_server ? no_content() : problem(Error(codes::method_not_allowed), exchange.request_id_);
  response.header("Allow", std::string(kAllowed));
  response.close = head.method == codec::Method::connect || (!about_the_server && head.framing != codec::Framing::none);
  co_await exchange.respond(std::move(response));
}

}  // namespace tollgate::http
