// A response whose length is not known when it begins: in chunks, or until the connection's end for clients of
// HTTP/1.0.
//
//   StreamedResponse stream(exchange);
//   bool there = co_await stream.begin("text/csv");
//   while (there && more) there = co_await stream.write(text);
//   co_await stream.end();
//
// write() returns when the kernel has taken the text, so a slow client slows its writer down and costs no memory.
// A HEAD request gets the head alone. Thread safety: the exchange's loop.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/task.h"
#include "http/exchange.h"

namespace tollgate::http {

class StreamedResponse {
 public:
  explicit StreamedResponse(Exchange& exchange) : exchange_(exchange) {}

  // Sends the head. `fields`: whole lines, each with its CRLF. False here and below: nobody is there any more.
  Task<bool> begin(std::string_view content_type, std::string_view fields = {});
  // `text` lives until the task is done. Nothing happens for an empty one.
  Task<bool> write(std::string_view text);
  // Ends it, or resets the connection when something of it could not be sent.
  Task<void> end();
  // The rest cannot be had: the connection is reset, so that nobody takes the part for the whole.
  void abort();

  // False for HEAD: the head is all.
  bool wants_text() const { return with_body_; }
  // Nobody reads, or the server shuts down: a stream without an end of its own comes to one.
  bool should_end() const { return broken_ || exchange_.asked_to_end() || exchange_.killed(); }
  // Until then, in steps of a tenth of a second, in which it notices should_end().
  Task<void> wait_until(MonoTime time);

 private:
  Task<bool> send(std::string_view framing, std::string_view text, std::string_view end);

  Exchange& exchange_;
  bool chunked_ = true;
  bool with_body_ = true;
  bool broken_ = false;
};

}  // namespace tollgate::http
