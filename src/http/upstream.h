// Connections to one server, kept alive and reused; the newest idle one first.
//
// Each idle connection has a read in flight: one that the server closes leaves the pool by itself, without a system
// call per use. Thread safety: one pool per loop and target.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "runtime/buffer.h"
#include "runtime/deadline.h"
#include "runtime/socket.h"

namespace tollgate::http {

struct UpstreamTarget {
  std::string host;
  std::uint16_t port = 80;
  std::string authority() const;  // "host:port", IPv6 in brackets
};

class UpstreamPool;

// One connection, for one request at a time. Bytes that arrive are in `in`.
class UpstreamConnection {
 public:
  UpstreamConnection(runtime::TcpSocket socket, UpstreamPool& pool);
  UpstreamConnection(const UpstreamConnection&) = delete;
  UpstreamConnection& operator=(const UpstreamConnection&) = delete;

  runtime::TcpSocket& socket() { return socket_; }
  runtime::Buffer& in() { return in_; }
  // Has carried a request before: then a close before the first byte may mean that the request was never read.
  bool reused() const { return reused_; }

  // co_await receive(deadline): waits for more bytes and appends them to in(). No coroutine of its own: it is on the
  // way of every request.
  class ReceiveAwaiter {
   public:
    ReceiveAwaiter(UpstreamConnection& connection, runtime::TcpSocket::ReadAwaiter read)
        : connection_(connection), read_(read) {}
    bool await_ready() const noexcept { return read_.await_ready(); }
    void await_suspend(std::coroutine_handle<> waiting) noexcept { read_.await_suspend(waiting); }
    runtime::IoResult await_resume() noexcept { return connection_.received(read_.await_resume()); }

   private:
    UpstreamConnection& connection_;
    runtime::TcpSocket::ReadAwaiter read_;
  };
  ReceiveAwaiter receive(MonoTime deadline);

 private:
  friend class UpstreamPool;
  void start_receive();
  runtime::IoResult received(runtime::IoResult got);

  runtime::TcpSocket socket_;
  UpstreamPool& pool_;
  runtime::Buffer in_;
  bool reused_ = false;
  bool receiving_ = false;
  MonoTime idle_since_{};
};

class UpstreamPool {
 public:
  struct Options {
    UpstreamTarget target;
    std::size_t max_idle = 512;
    Millis connect_timeout{2'000};
    Millis idle_timeout{30'000};
  };
  UpstreamPool(runtime::EventLoop& loop, Options options);
  ~UpstreamPool();
  UpstreamPool(const UpstreamPool&) = delete;
  UpstreamPool& operator=(const UpstreamPool&) = delete;

  runtime::EventLoop& loop() { return loop_; }
  const UpstreamTarget& target() const { return options_.target; }

  // An idle connection, or nullptr when there is none.
  std::unique_ptr<UpstreamConnection> take_idle();
  // A new one. Tries each of the host's addresses once; upstream_connect_failed or upstream_connect_timeout.
  Task<Result<std::unique_ptr<UpstreamConnection>>> connect();
  // Gives a connection back whose response was read to its end and whose request was written to its end.
  void put_idle(std::unique_ptr<UpstreamConnection> connection);

  std::size_t idle() const { return idle_.size(); }
  std::uint64_t connects() const { return connects_; }

 private:
  friend class UpstreamConnection;
  // Connections expire while nobody asks for one, too.
  struct Expiry final : runtime::Deadline {
    explicit Expiry(UpstreamPool& owner) : pool(owner) {}
    void on_deadline() override { pool.expire(); }
    UpstreamPool& pool;
  };
  void remove(UpstreamConnection* connection);
  void expire();

  runtime::EventLoop& loop_;
  Options options_;
  std::vector<std::unique_ptr<UpstreamConnection>> idle_;  // oldest first
  std::vector<IpAddress> addresses_;                       // of the host, when last looked up
  MonoTime resolved_at_{};
  std::uint64_t connects_ = 0;
  Expiry expiry_{*this};
};

}  // namespace tollgate::http
