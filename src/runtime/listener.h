// A listening socket. Several loops may listen on one port (SO_REUSEPORT); the kernel spreads connections over them.
//
// Thread safety: the loop's thread only.
#pragma once

#include <memory>
#include <optional>

#include "runtime/socket.h"

namespace tollgate::runtime {

// A connection and who has opened it, as the kernel knew when it arrived: asking later fails for one that was reset.
struct Accepted {
  TcpSocket socket;
  SocketAddress peer;
};

class TcpListener {
 public:
  struct Options {
    SocketAddress address;    // port 0: any free one
    bool reuse_port = false;  // further listeners on the same port
  };
  // Fails with address_in_use, naming the address and the next step.
  static Result<TcpListener> open(EventLoop& loop, const Options& options);
  TcpListener(TcpListener&&) noexcept;
  TcpListener& operator=(TcpListener&&) = delete;
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;
  ~TcpListener();

  SocketAddress address() const;
  // The next connection; nothing once closed. Running out of descriptors waits and goes on.
  Task<std::optional<Accepted>> accept();
  // One that has arrived already; nothing when there is none.
  std::optional<Accepted> accept_arrived();
  // Ends accept(). The port is free afterwards.
  void close();

 private:
  struct State;
  explicit TcpListener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tollgate::runtime
