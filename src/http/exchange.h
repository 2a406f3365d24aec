// One request on a server connection and the response to it: what a Handler works with.
//
// The head's bytes stay where they are until the handler returns. Body pieces are views that live until the next
// read_body(); try_read_body() moves nothing.
// Thread safety: the connection's loop only.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/ip.h"
#include "base/task.h"
#include "codec/http1/body.h"
#include "codec/http1/head.h"
#include "http/response.h"
#include "runtime/buffer.h"
#include "runtime/socket.h"

namespace tollgate::http {

struct ServerTimeouts {
  Millis header{10'000};      // first byte of a request to the end of its head
  Millis body_idle{10'000};   // between two pieces of a body; a body must also keep a mean of 240 bytes/s
  Millis keep_alive{60'000};  // between requests
  Millis write_stall{30'000};
};

struct BodyPiece {
  enum class Status : std::uint8_t {
    data,
    done,
    timed_out,  // answer 408 if nothing was answered yet; the connection closes
    malformed,  // answer 400; the connection closes
    gone,       // the client is gone: nobody to answer
  };
  Status status = Status::done;
  std::string_view data;
};

// How long a body may take beyond its first pause once so much of it has come: 1 s per 240 bytes.
Seconds time_earned_by(std::uint64_t body_bytes);

class Exchange {
 public:
  Exchange(runtime::EventLoop& loop, runtime::TcpSocket& socket, const ServerTimeouts& timeouts)
      : loop_(loop), socket_(socket), timeouts_(timeouts) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange() = default;

  runtime::EventLoop& loop() { return loop_; }
  std::size_t worker() const { return worker_; }
  const SocketAddress& peer() const { return peer_; }
  MonoTime started() const { return started_; }
  WallTime started_wall() const { return started_wall_; }
  std::uint64_t request_id() const { return request_id_; }

  // --- the request
  codec::RequestHead& head() { return *head_; }
  const codec::RequestHead& head() const { return *head_; }
  // What the head's slices refer to.
  std::string_view bytes() const { return bytes_; }
  std::string_view method() const { return head_->method_text.in(bytes_); }
  std::string_view path() const { return head_->path.in(bytes_); }
  std::string_view query() const { return head_->query.in(bytes_); }
  // Value of the first field with this id or name; empty when absent.
  std::string_view header(codec::HeaderId id) const;
  std::string_view header(std::string_view name) const;

  // --- its body
  std::uint64_t body_bytes() const { return body_.delivered(); }
  // Bytes of the body, framing included, that came with the head and have not been read.
  std::size_t arrived_body_bytes() const { return early_.size() - early_used_; }
  // The next piece if it is already here. False: would have to wait (call read_body).
  bool try_read_body(BodyPiece& piece);
  // The next piece. The first call answers Expect: 100-continue, so whoever refuses a request must not call it before.
  Task<BodyPiece> read_body();
  // Throws away what has arrived of a body nobody wants. False: it is not all here (or broken), so the connection
  // cannot be used for another request.
  bool discard_arrived_body();

  // --- the response
  // Sends a whole response. False when the client is gone.
  Task<bool> respond(Response response);
  // Whole lines for the head of whatever response is sent by itself, streamed or not. They outlive the exchange.
  void set_stream_fields(std::string_view lines) { stream_fields_ = lines; }
  std::string_view stream_fields() const { return stream_fields_; }
  // For streaming: raw bytes of the response, head included. The caller frames; it then calls end_response().
  Task<runtime::IoResult> write(std::span<iovec> parts);
  // The same without a wait when the kernel has room for all of it. False: call write() with what is left in `parts`.
  bool try_write(std::span<iovec>& parts, runtime::IoResult& result);
  // Notes the status for logs; `keep_alive` false makes the connection close after the response.
  void begin_response(std::uint16_t status, bool keep_alive);
  void end_response() { ended_ = true; }
  // The response cannot be finished: the connection is reset so that nobody takes the part for the whole.
  void abort() { aborted_ = true; }
  // No further request on this connection.
  void close_after() { keep_alive_ = false; }

  bool response_begun() const { return status_ != 0; }
  bool keep_alive() const { return keep_alive_; }
  // HTTP/1.0 clients get no chunked coding and no 1xx.
  bool client_is_1_0() const { return head_->minor == 0; }
  std::uint16_t status() const { return status_; }
  std::uint64_t bytes_out() const { return bytes_out_; }
  runtime::TcpSocket& socket() { return socket_; }

  // Shutdown has begun: a response without an end of its own should come to one.
  bool asked_to_end() const { return asked_to_end_; }
  // Shutdown ran out of patience: whoever works on this exchange should end.
  bool killed() const { return killed_; }
  // No wait for the client goes on beyond this.
  void end_by(MonoTime total) { total_ = total; }

 private:
  friend class Connection;
  bool step_body(BodyPiece& piece);
  MonoTime body_deadline() const;

  runtime::EventLoop& loop_;
  runtime::TcpSocket& socket_;
  const ServerTimeouts& timeouts_;
  std::size_t worker_ = 0;
  SocketAddress peer_;
  MonoTime started_{};
  WallTime started_wall_{};
  std::uint64_t request_id_ = 0;

  codec::RequestHead* head_ = nullptr;
  std::string_view bytes_;
  codec::BodyDecoder body_;
  std::string_view early_;         // body bytes that came with the head
  std::size_t early_used_ = 0;     // how many of them the body and its framing took
  runtime::Buffer later_;          // what was read after them
  std::size_t later_pending_ = 0;  // bytes at its front that the last piece still shows
  MonoTime body_started_{};
  std::string_view stream_fields_;
  bool continue_due_ = false;  // the client waits for 100 Continue

  std::uint16_t status_ = 0;
  std::uint64_t bytes_out_ = 0;
  bool ended_ = false;
  bool aborted_ = false;
  bool keep_alive_ = true;
  bool asked_to_end_ = false;
  bool killed_ = false;
  MonoTime total_ = MonoTime::max();
};

// A request that never became an exchange: the parser refused it, or it did not arrive whole.
struct RefusedRequest {
  const ErrorCode* code = nullptr;
  std::string_view detail;
  SocketAddress peer;
  std::size_t worker = 0;
  std::uint64_t request_id = 0;
  WallTime at{};
  codec::Method method = codec::Method::other;
};

// What a server does with requests. One object serves all workers: handle() runs on the loop of the connection.
class Handler {
 public:
  virtual ~Handler() = default;
  // Answers the exchange: respond(), or begin_response() … end_response(), or abort().
  virtual Task<void> handle(Exchange& exchange) = 0;
  // For the books: it has been answered already.
  virtual void refused(const RefusedRequest&) {}
};

}  // namespace tollgate::http
