// The request's body on its way to the upstream.
//
// A small body is held until it is whole: then it is known to be framed correctly before the upstream sees one byte, it
// has a length, and the request can be sent again if it provably did not run. A larger one streams, with the upstream's
// pace as the client's.
#pragma once

#include <optional>

#include "http/upstream.h"
#include "services/gateway/request_context.h"

namespace tollgate::services {

// As much of a body as is held back before the upstream is contacted.
inline constexpr std::size_t kHeldBodyBytes = 16 * 1024;

struct HeldBody {
  const ErrorCode* error = nullptr;  // request_timeout, bad_body, payload_too_large; cancelled: the client is gone
  bool whole = false;
  std::string_view bytes;  // valid while the exchange and its scratch are
};

// Without waiting: when there is no body, when it is too long for the route, or when all of it came with the head.
bool hold_arrived_body(RequestContext& context, HeldBody& body);
// Reads until the body is whole or too long to hold. After hold_arrived_body() said false.
Task<HeldBody> hold_body(RequestContext& context);

// How long the upstream may take to answer once the body is sent.
struct AnswerDeadline {
  Millis first_byte{0};
  MonoTime total = MonoTime::max();  // of the whole request
};

// The rest of a body that is too long to hold, sent while the response is awaited.
class Upload {
 public:
  Upload(RequestContext& context, http::UpstreamConnection& upstream, bool chunked)
      : context_(context), upstream_(upstream), chunked_(chunked), finished_(context.worker.loop()) {}

  // Starts sending in the background; what was held is sent, and gone from now on. The object outlives the task: await
  // join() before it goes.
  void start(AnswerDeadline answer);
  // Ends the sending if it still goes on, and waits for its end.
  Task<void> join();

  bool started() const { return started_; }
  bool running() const { return started_ && !finished_.is_set(); }
  // Why the body could not be sent whole; nullptr: it was, or the upstream stopped taking it.
  const ErrorCode* error() const { return error_; }
  bool sent_whole() const { return sent_whole_; }
  // When the answer has to have begun; known once the sending has ended.
  MonoTime answer_due() const { return answer_due_; }

 private:
  Task<void> run();
  std::string_view take_arrived(http::BodyPiece& piece);
  Task<bool> send(std::string_view bytes, bool is_last);

  RequestContext& context_;
  http::UpstreamConnection& upstream_;
  bool chunked_;
  bool started_ = false;
  bool stopping_ = false;
  bool sent_whole_ = false;
  const ErrorCode* error_ = nullptr;
  AnswerDeadline answer_;
  MonoTime answer_due_ = MonoTime::max();
  runtime::Event finished_;
};

}  // namespace tollgate::services
