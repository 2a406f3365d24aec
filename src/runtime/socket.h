// A TCP connection on its loop: reads that wait, writes that usually do not.
//
// Reading is split: start_read() says where bytes shall go, finish_read() waits for them. A pooled connection has a
// read started while idle, so that its closing is noticed without a system call per use. A read calls the kernel only
// when epoll has said that there is something.
//
// Thread safety: the loop's thread only. At most one read and one write at a time.
#pragma once

#include <sys/uio.h>

#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/ip.h"
#include "base/task.h"
#include "runtime/event_loop.h"
#include "runtime/killable.h"

namespace tollgate::runtime {

enum class IoStatus : std::uint8_t {
  ok,
  end,        // the peer closed its sending side in good order
  timed_out,  // the deadline that was set passed
  cancelled,  // cancel() or close() by our own side
  failed,     // reset, unreachable, …
  exhausted,  // this process or machine has no descriptor, port or memory left for a connection
};

struct IoResult {
  IoStatus status = IoStatus::ok;
  std::size_t bytes = 0;
  bool ok() const { return status == IoStatus::ok; }
};

// How long a write may take.
struct WriteLimit {
  Nanos stall = Nanos::max();      // without a byte taken
  MonoTime end = MonoTime::max();  // all of it
};

class TcpSocket final : public Killable {
 public:
  TcpSocket();                         // closed
  TcpSocket(EventLoop& loop, int fd);  // takes over a connected, non-blocking descriptor
  TcpSocket(TcpSocket&&) noexcept;
  TcpSocket& operator=(TcpSocket&&) noexcept;
  TcpSocket(const TcpSocket&) = delete;
  TcpSocket& operator=(const TcpSocket&) = delete;
  ~TcpSocket();  // closes; asserts that nothing waits

  // One to connect with connect(). Nagle's delay is off on every socket.
  static std::expected<TcpSocket, IoStatus> open_towards(EventLoop& loop, const IpAddress& ip);
  // Once, on a socket that open_towards() has made. kill() ends it.
  Task<IoStatus> connect(SocketAddress address, MonoTime deadline);

  // A read that has not ended by then ends with timed_out, and so does every later one until the deadline is set anew
  // or cleared.
  void set_read_deadline(MonoTime at);
  void clear_read_deadline();

  struct State;
  class ReadAwaiter {
   public:
    explicit ReadAwaiter(State& state) : state_(state) {}
    bool await_ready() const noexcept;
    void await_suspend(std::coroutine_handle<> waiting) noexcept;
    IoResult await_resume() noexcept;

   private:
    State& state_;
  };

  // Reads at least one byte into `room`, which stays valid until finish_read() is done.
  void start_read(std::span<char> room);
  bool read_pending() const;
  ReadAwaiter finish_read() { return ReadAwaiter(*state_); }
  ReadAwaiter read_some(std::span<char> room) {
    start_read(room);
    return finish_read();
  }
  // Until bytes (or the end) are there to be read, without a buffer to read them into.
  void start_wait_readable();

  // When a read ends that nobody waits for, this runs. For idle pooled connections.
  void on_unawaited_read(std::function<void()> notify);

  // Writes all bytes, in one system call when the kernel has room. `parts` is changed.
  bool try_write(std::span<iovec>& parts, IoResult& result);  // true: done or failed without waiting
  Task<IoResult> write_all(std::span<iovec> parts, WriteLimit limit = {});
  Task<IoResult> write_all(std::string_view bytes, WriteLimit limit = {});

  // Ends what waits, with cancelled. The socket stays open, and what has its result already goes on with it.
  void cancel();
  // cancel() for a read that nothing has arrived for; one that something has arrived for ends with that.
  void cancel_idle_read();
  // cancel(), and nothing is ever read or written again: whoever goes on finds the end at the next step.
  void kill() override;
  // From now on `other`, which stays valid until another takes its place, is killed when this socket is, or when its
  // peer is gone: has reset the connection, or, with `at_end`, has ended its side of it. nullptr: nobody.
  void kill_along(Killable* other, bool at_end = false);
  void shutdown_write();
  // With reset: the peer sees RST, and what was not sent is thrown away.
  void close(bool reset = false);

 private:
  class WritableAwaiter;
  std::unique_ptr<State> state_;
};

}  // namespace tollgate::runtime
