// An HTTP/1.1 server on one or more event loops. With several, each loop has its own listener on the same port.
//
// Thread safety: start(), drain() from the thread that owns the server; the rest runs on the loops.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "http/exchange.h"
#include "runtime/loop_thread.h"

namespace tollgate::http {

// Shared by the loops of a server; touched once when a connection begins and once when it ends.
struct ServerCounts {
  std::atomic<std::size_t> open{0};
  std::atomic<std::uint64_t> turned_away{0};             // answered 503 because too many were open
  std::atomic<std::uint64_t> turned_away_per_client{0};  // of those, because their client had too many
};

struct ServerOptions {
  SocketAddress address;  // port 0: any free one
  ServerTimeouts timeouts;
  std::uint32_t max_connections = 20'000;  // over all loops; beyond it new ones are answered 503 and closed
  std::uint32_t max_per_client = 0;        // of those, for one client; 0: no limit
  // Peers that max_per_client does not hold for, such as proxies, whose connections are many clients'. Asked on the
  // loops. Empty: it holds for all.
  std::function<bool(const IpAddress&)> is_uncapped;
  std::shared_ptr<ServerCounts> counts = std::make_shared<ServerCounts>();
};

class Server {
 public:
  // Listens at once, so that a busy port fails here. Workers are numbered in the order of `loops`.
  static Result<std::unique_ptr<Server>> start(std::vector<runtime::LoopThread*> loops, Handler& handler,
                                               const ServerOptions& options);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();  // drains with no patience

  SocketAddress address() const { return address_; }
  std::string url() const;  // "http://127.0.0.1:3000"
  std::size_t connections() const;

  // No new connections; idle ones close; those with a request end after its response, or are reset at the deadline.
  void drain(Millis patience);

 private:
  struct Worker;
  Server() = default;
  SocketAddress address_;
  ServerOptions options_;
  std::vector<std::unique_ptr<Worker>> workers_;
  bool drained_ = false;
};

}  // namespace tollgate::http
