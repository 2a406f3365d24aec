#include "runtime/socket.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/assert.h"
#include "runtime/socket_address.h"

namespace tollgate::runtime {
namespace {

constexpr std::uint32_t kWatchRead = EPOLLIN | EPOLLRDHUP;
constexpr std::size_t kPartsAtOnce = 64;

void set_no_delay(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

// recv() and send() of the C library are cancellation points, two atomic operations a call. Nobody cancels a thread
// here.
ssize_t receive(int fd, std::span<char> room) {
  return ::syscall(SYS_recvfrom, fd, room.data(), room.size(), 0, nullptr, nullptr);
}

// The kernel takes one piece with less work than a list of one.
ssize_t send_parts(int fd, std::span<iovec> parts) {
  if (parts.size() == 1) {
    return ::syscall(SYS_sendto, fd, parts.front().iov_base, parts.front().iov_len, MSG_NOSIGNAL, nullptr, 0);
  }
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = std::min(parts.size(), kPartsAtOnce);
  return ::sendmsg(fd, &message, MSG_NOSIGNAL);
}

// Whose fault it is that a connection cannot be begun.
IoStatus connect_failure(int error) {
  switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EADDRNOTAVAIL: return IoStatus::exhausted;
    default: return IoStatus::failed;
  }
}

}  // namespace

struct TcpSocket::State final : Pollable {
  State(EventLoop& event_loop, int descriptor)
      : loop(event_loop), fd(descriptor), read_deadline(*this), write_deadline(*this) {}

  // Ends the waits of its direction. A wait is a wait only while the deadline has not passed.
  struct SideDeadline final : Deadline {
    explicit SideDeadline(State& state) : owner(state) {}
    void on_deadline() override {
      passed = true;
      if (this == &owner.read_deadline) owner.end_read({IoStatus::timed_out, 0});
      if (this == &owner.write_deadline) owner.end_write(IoStatus::timed_out);
    }
    State& owner;
    bool passed = false;
  };

  void on_events(std::uint32_t events) override;
  void start_read(std::span<char> into);
  void try_read();
  void end_read(IoResult result);
  void end_write(IoStatus status);
  void end_companion();
  void arm_write_deadline(MonoTime at) {
    write_deadline.passed = false;
    loop.deadlines().arm(write_deadline, at);
  }
  void disarm_write_deadline() {
    write_deadline.disarm();
    write_deadline.passed = false;
  }

  EventLoop& loop;
  UniqueFd fd;
  SideDeadline read_deadline;
  SideDeadline write_deadline;
  std::span<char> room;  // where the started read puts bytes; empty: it only waits
  std::coroutine_handle<> reader;
  std::coroutine_handle<> writer;
  IoResult read_result;
  IoStatus write_status = IoStatus::ok;
  bool read_in_flight = false;
  bool readable = false;    // epoll has said so, and no read has found the end of it
  bool peer_ended = false;  // epoll will not say so again
  bool peer_reset = false;
  bool killed = false;
  Killable* companion = nullptr;
  bool companion_ends_too = false;  // at the peer's end already, not only when it resets
  std::function<void()> unawaited;
};

void TcpSocket::State::on_events(std::uint32_t events) {
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) peer_ended = true;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) peer_reset = true;
  if (peer_ended) end_companion();
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) readable = true;
  // Whoever is resumed may close this socket: the writer's turn comes from the queue.
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0 && writer) {
    write_status = IoStatus::ok;
    loop.resume_later(std::exchange(writer, nullptr));
  }
  if (!readable || !read_in_flight) return;
  try_read();
  if (read_in_flight) return;
  if (reader) {
    loop.resume_later(std::exchange(reader, nullptr));
  } else if (unawaited) {
    const auto notify = unawaited;  // it may destroy this socket, and with it the function it is
    notify();
  }
}

void TcpSocket::State::start_read(std::span<char> into) {
  TG_ASSERT(!read_in_flight);
  if (killed || read_deadline.passed) {
    read_result = {killed ? IoStatus::cancelled : IoStatus::timed_out, 0};
    return;
  }
  room = into;
  read_in_flight = true;
  if (readable) try_read();
}

// Ends the started read if there is something to end it with.
void TcpSocket::State::try_read() {
  if (room.empty()) {
    read_in_flight = false;
    read_result = {IoStatus::ok, 0};
    return;
  }
  while (true) {
    const ssize_t got = receive(fd.get(), room);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      readable = false;
      return;
    }
    read_in_flight = false;
    if (got > 0) {
      // A short read has emptied the socket; epoll will tell of more.
      if (static_cast<std::size_t>(got) < room.size() && !peer_ended) readable = false;
      read_result = {IoStatus::ok, static_cast<std::size_t>(got)};
    } else {
      read_result = {got == 0 ? IoStatus::end : IoStatus::failed, 0};
    }
    return;
  }
}

void TcpSocket::State::end_read(IoResult result) {
  if (!read_in_flight) return;
  read_in_flight = false;
  read_result = result;
  if (reader) loop.resume_later(std::exchange(reader, nullptr));
}

void TcpSocket::State::end_companion() {
  if (companion != nullptr && (killed || peer_reset || (peer_ended && companion_ends_too))) {
    std::exchange(companion, nullptr)->kill();
  }
}

void TcpSocket::State::end_write(IoStatus status) {
  if (!writer) return;
  write_status = status;
  loop.resume_later(std::exchange(writer, nullptr));
}

bool TcpSocket::ReadAwaiter::await_ready() const noexcept {
  return !state_.read_in_flight;
}
void TcpSocket::ReadAwaiter::await_suspend(std::coroutine_handle<> waiting) noexcept {
  state_.reader = waiting;
}
IoResult TcpSocket::ReadAwaiter::await_resume() noexcept {
  return state_.read_result;
}

TcpSocket::TcpSocket(EventLoop& loop, int fd) : state_(std::make_unique<State>(loop, fd)) {
  set_no_delay(fd);
  loop.watch(fd, kWatchRead, *state_);
}
TcpSocket::TcpSocket() = default;
TcpSocket::TcpSocket(TcpSocket&&) noexcept = default;
TcpSocket& TcpSocket::operator=(TcpSocket&& other) noexcept {
  if (this != &other) {
    close();
    state_ = std::move(other.state_);
  }
  return *this;
}
TcpSocket::~TcpSocket() {
  close();
}

void TcpSocket::set_read_deadline(MonoTime at) {
  state_->read_deadline.passed = false;
  state_->loop.deadlines().arm(state_->read_deadline, at);
}
void TcpSocket::clear_read_deadline() {
  state_->read_deadline.disarm();
  state_->read_deadline.passed = false;
}
void TcpSocket::start_read(std::span<char> room) {
  TG_ASSERT(!room.empty());
  state_->start_read(room);
}

void TcpSocket::start_wait_readable() {
  state_->start_read({});
}

bool TcpSocket::read_pending() const {
  return state_->read_in_flight;
}
void TcpSocket::on_unawaited_read(std::function<void()> notify) {
  state_->unawaited = std::move(notify);
}

bool TcpSocket::try_write(std::span<iovec>& parts, IoResult& result) {
  if (state_->killed) {
    result.status = IoStatus::cancelled;
    return true;
  }
  while (!parts.empty()) {
    const ssize_t sent = send_parts(state_->fd.get(), parts);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
      result.status = IoStatus::failed;
      return true;
    }
    auto left = static_cast<std::size_t>(sent);
    result.bytes += left;
    while (!parts.empty() && left >= parts.front().iov_len) {
      left -= parts.front().iov_len;
      parts = parts.subspan(1);
    }
    if (left > 0) {
      parts.front().iov_base = static_cast<char*>(parts.front().iov_base) + left;
      parts.front().iov_len -= left;
    }
  }
  return true;
}

// Until the kernel has room again. Edge-triggered: asked for only after a write has found none.
class TcpSocket::WritableAwaiter {
 public:
  explicit WritableAwaiter(State& state) : state_(state) {}
  bool await_ready() const noexcept { return state_.write_deadline.passed; }
  void await_suspend(std::coroutine_handle<> waiting) {
    state_.writer = waiting;
    // Asking again makes epoll report room that came between the write and now.
    state_.loop.change_watch(state_.fd.get(), kWatchRead | EPOLLOUT, state_);
  }
  IoStatus await_resume() const noexcept {
    return state_.write_deadline.passed ? IoStatus::timed_out : state_.write_status;
  }

 private:
  State& state_;
};

Task<IoResult> TcpSocket::write_all(std::span<iovec> parts, WriteLimit limit) {
  IoResult result;
  State& state = *state_;
  while (!try_write(parts, result)) {
    const bool may_stall = limit.stall == Nanos::max();
    state.arm_write_deadline(may_stall ? limit.end : std::min(state.loop.now() + limit.stall, limit.end));
    const IoStatus ready = co_await WritableAwaiter(state);
    state.disarm_write_deadline();
    if (ready != IoStatus::ok) {
      result.status = ready;
      break;
    }
  }
  co_return result;
}

Task<IoResult> TcpSocket::write_all(std::string_view bytes, WriteLimit limit) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  const IoResult result = co_await write_all(std::span(&part, 1), limit);
  co_return result;
}

void TcpSocket::cancel() {
  if (state_ == nullptr) return;
  state_->end_read({IoStatus::cancelled, 0});
  state_->end_write(IoStatus::cancelled);
}

void TcpSocket::cancel_idle_read() {
  State& state = *state_;
  if (!state.read_in_flight) return;
  char peeked = 0;
  if (::recv(state.fd.get(), &peeked, 1, MSG_PEEK | MSG_DONTWAIT) <= 0) return state.end_read({IoStatus::cancelled, 0});
  state.try_read();
  if (state.reader) state.loop.resume_later(std::exchange(state.reader, nullptr));
}

void TcpSocket::kill() {
  if (state_ == nullptr) return;
  cancel();
  state_->killed = true;  // no shutdown(): the peer would take it for a clean end
  state_->end_companion();
}

void TcpSocket::kill_along(Killable* other, bool at_end) {
  state_->companion = other;
  state_->companion_ends_too = at_end;
  state_->end_companion();
}

void TcpSocket::shutdown_write() {
  ::shutdown(state_->fd.get(), SHUT_WR);
}

void TcpSocket::close(bool reset) {
  if (state_ == nullptr) return;
  TG_ASSERT(!state_->reader && !state_->writer);
  if (reset) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(state_->fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  }
  state_->fd.reset();
  state_->read_deadline.disarm();
  state_->write_deadline.disarm();
  EventLoop& loop = state_->loop;
  loop.retire(std::move(state_));
}

std::expected<TcpSocket, IoStatus> TcpSocket::open_towards(EventLoop& loop, const IpAddress& ip) {
  const int fd = ::socket(ip.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return std::unexpected(connect_failure(errno));
  return TcpSocket(loop, fd);
}

Task<IoStatus> TcpSocket::connect(SocketAddress address, MonoTime deadline) {
  State& state = *state_;
  if (state.killed) co_return IoStatus::cancelled;
  const KernelAddress to = to_kernel(address);
  if (::connect(state.fd.get(), to.get(), to.size) == 0) co_return IoStatus::ok;
  if (errno != EINPROGRESS) co_return connect_failure(errno);
  state.arm_write_deadline(deadline);
  const IoStatus ready = co_await WritableAwaiter(state);
  state.disarm_write_deadline();
  if (ready != IoStatus::ok) co_return ready;
  int error = 0;
  socklen_t size = sizeof(error);
  ::getsockopt(state.fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) co_return IoStatus::failed;
  state.loop.change_watch(state.fd.get(), kWatchRead, state);
  co_return IoStatus::ok;
}

}  // namespace tollgate::runtime
