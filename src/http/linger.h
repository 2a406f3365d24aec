// The end of a connection whose client may still be sending: what comes is read and thrown away for a moment. Closing
// with bytes unread would reset the connection, and the answer with it.
#pragma once

#include "runtime/buffer.h"
#include "runtime/event_loop.h"
#include "runtime/socket.h"

namespace tollgate::http {

struct LingerLimit {
  Millis time;
  std::size_t bytes;
};

// Ends our side of the connection, then waits for the client's end, within the limit. `scratch` is overwritten.
Task<void> linger(runtime::EventLoop& loop, runtime::TcpSocket& socket, runtime::Buffer& scratch, LingerLimit limit);

}  // namespace tollgate::http
