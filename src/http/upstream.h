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
#include "runtime/host_addresses.h"
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
  ~UpstreamConnection() = default;

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

// One connect(): until when, and the way to end it before.
class ConnectAttempt final : public runtime::Killable {
 public:
  explicit ConnectAttempt(MonoTime deadline = MonoTime::max()) : deadline_(deadline) {}
  ConnectAttempt(const ConnectAttempt&) = delete;
  ConnectAttempt& operator=(const ConnectAttempt&) = delete;
  ~ConnectAttempt() = default;

  void kill() override {
    killed_ = true;
    if (waited_for_ != nullptr) waited_for_->kill();
  }

 private:
  friend class UpstreamPool;
  MonoTime deadline_;
  runtime::Killable* waited_for_ = nullptr;
  bool killed_ = false;
};

class UpstreamPool {
 public:
  struct Options {
    UpstreamTarget target;
    std::size_t max_idle = 512;
    Millis connect_timeout{2'000};
    Millis idle_timeout{30'000};
    runtime::HostAddresses::LookUp look_up = runtime::look_up_host;
    Nanos addresses_valid = Seconds(5);
  };
  UpstreamPool(runtime::EventLoop& loop, Options options);
  ~UpstreamPool();
  UpstreamPool(const UpstreamPool&) = delete;
  UpstreamPool& operator=(const UpstreamPool&) = delete;

  runtime::EventLoop& loop() { return loop_; }
  const UpstreamTarget& target() const { return options_.target; }

  // An idle connection, or nullptr when there is none.
  std::unique_ptr<UpstreamConnection> take_idle();
  // A new one, within connect_timeout, the look-up of the name included. Each of the host's addresses is tried once;
  // the last known ones while they are looked up anew, and the new ones if none of those answers. Fails with
  // upstream_connect_failed, upstream_connect_timeout, overloaded (no descriptor or port is left here) or cancelled.
  Task<Result<std::unique_ptr<UpstreamConnection>>> connect(ConnectAttempt& attempt);
  // Gives a connection back whose response was read to its end and whose request was written to its end.
  void put_idle(std::unique_ptr<UpstreamConnection> connection);

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
  using Connected = std::expected<runtime::TcpSocket, runtime::IoStatus>;
  Task<Connected> connect_to_any(std::vector<IpAddress> addresses, MonoTime deadline, ConnectAttempt& attempt);
  Task<runtime::IoStatus> wait_for_look_up(MonoTime deadline, ConnectAttempt& attempt);
  Error connect_error(runtime::IoStatus status) const;

  runtime::EventLoop& loop_;
  Options options_;
  std::vector<std::unique_ptr<UpstreamConnection>> idle_;  // oldest first
  runtime::HostAddresses addresses_;
  std::uint64_t connects_ = 0;
  Expiry expiry_{*this};
};

}  // namespace tollgate::http
