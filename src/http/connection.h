// One client connection: reads requests one after the other, hands each to the handler, and keeps what is between them
// right.
#pragma once

#include <cstdint>

#include "codec/http1/request_parser.h"
#include "http/exchange.h"
#include "http/request_ids.h"
#include "runtime/buffer.h"
#include "runtime/deadline.h"
#include "runtime/listener.h"
#include "runtime/socket.h"

namespace tollgate::http {

// What the connections of one worker share.
struct ConnectionContext {
  runtime::EventLoop& loop;
  Handler& handler;
  ServerTimeouts timeouts;
  std::size_t worker = 0;
  RequestIds ids;
  bool draining = false;  // no further request after the current one
};

class Connection {
 public:
  Connection(ConnectionContext& context, runtime::Accepted accepted);

  // Until the connection is over. The socket is closed afterwards.
  Task<void> run();
  // Between requests: ends now. Within one: ends after its response.
  void ask_to_end();
  // Ends now, whatever is going on.
  void kill();

 private:
  enum class Head : std::uint8_t { complete, refused, over };

  Task<Head> read_head();
  Task<runtime::IoStatus> hibernate(MonoTime idle_since);
  Task<bool> serve_one();
  Task<void> answer_without_handler(Exchange& exchange);
  Task<void> refuse(const ErrorCode& code, std::string_view detail);

  ConnectionContext& context_;
  runtime::TcpSocket socket_;
  SocketAddress peer_;
  runtime::Buffer in_;
  std::unique_ptr<codec::RequestParser> parser_;  // given back while idle
  MonoTime request_started_{};
  Exchange* current_ = nullptr;
  bool between_requests_ = true;
  bool ending_ = false;
  std::uint64_t served_ = 0;  // requests
};

}  // namespace tollgate::http
