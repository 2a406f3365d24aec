#include "runtime/socket.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/assert.h"
#include "base/str.h"
#include "runtime/asio.h"
#include "runtime/socket_state.h"

namespace tollgate::runtime {
namespace {

IpAddress from_asio(const asio::ip::address& address) {
  if (address.is_v4()) return IpAddress::v4(address.to_v4().to_bytes());
  IpAddress ip;
  ip.bytes = address.to_v6().to_bytes();
  return ip;
}

asio::ip::tcp::endpoint to_asio(const SocketAddress& address) {
  if (address.ip.is_v4()) {
    const auto& b = address.ip.bytes;
    return {asio::ip::address_v4({b[12], b[13], b[14], b[15]}), address.port};
  }
  return {asio::ip::address_v6(address.ip.bytes), address.port};
}

SocketAddress from_asio(const asio::ip::tcp::endpoint& endpoint) { return {from_asio(endpoint.address()), endpoint.port()}; }

IoStatus status_of(const error_code& error, bool deadline_passed) {
  if (!error) return IoStatus::ok;
  if (error == asio::error::operation_aborted) return deadline_passed ? IoStatus::timed_out : IoStatus::cancelled;
  if (error == asio::error::eof) return IoStatus::end;
  return IoStatus::failed;
}

void set_no_delay(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

}  // namespace

// A read or a wait for readability has ended.
struct ReadDone {
  using allocator_type = OperationAllocator<void>;
  TcpSocket::State* state;
  allocator_type get_allocator() const { return OperationAllocator<void>(state->read_memory); }
  void operator()(error_code error, std::size_t bytes) const { state->on_read({status_of(error, state->read_deadline.passed), bytes}); }
  void operator()(error_code error) const { (*this)(error, 0); }
};

struct WriteReady {
  using allocator_type = OperationAllocator<void>;
  TcpSocket::State* state;
  allocator_type get_allocator() const { return OperationAllocator<void>(state->write_memory); }
  void operator()(error_code error) const { state->on_writable(status_of(error, state->write_deadline.passed)); }
};

void TcpSocket::State::on_read(IoResult result) {
  read_in_flight = false;
  read_result = result;
  if (reader) {
    std::exchange(reader, nullptr).resume();
  } else if (unawaited) {
    // The callback may destroy this socket, and with it the function it is.
    const auto notify = unawaited;
    notify();
  }
}

void TcpSocket::State::on_writable(IoStatus status) {
  write_status = status;
  if (writer) std::exchange(writer, nullptr).resume();
}

void TcpSocket::State::SideDeadline::on_deadline() {
  passed = true;
  // Both directions end: whoever waits on the other side of a connection whose peer is too slow has nothing to gain.
  error_code ignored;
  owner.socket.cancel(ignored);
}

bool TcpSocket::ReadAwaiter::await_ready() const noexcept { return !state_.read_in_flight; }
void TcpSocket::ReadAwaiter::await_suspend(std::coroutine_handle<> waiting) noexcept { state_.reader = waiting; }
IoResult TcpSocket::ReadAwaiter::await_resume() noexcept { return state_.read_result; }

TcpSocket::TcpSocket(EventLoop& loop, int fd) : state_(std::make_unique<State>(loop)) {
  error_code error;
  state_->socket.assign(asio::ip::tcp::v6(), fd, error);
  TG_ASSERT(!error);
}
TcpSocket::TcpSocket(TcpSocket&&) noexcept = default;
TcpSocket& TcpSocket::operator=(TcpSocket&& other) noexcept {
  if (this != &other) {
    close();
    state_ = std::move(other.state_);
  }
  return *this;
}
TcpSocket::~TcpSocket() { close(); }

SocketAddress TcpSocket::peer() const {
  error_code error;
  const auto endpoint = state_->socket.remote_endpoint(error);
  if (error) return {};
  SocketAddress address = from_asio(endpoint);
  return address;
}

void TcpSocket::set_read_deadline(MonoTime at) { state_->loop.deadlines().arm(state_->read_deadline, at); }
void TcpSocket::set_write_deadline(MonoTime at) { state_->loop.deadlines().arm(state_->write_deadline, at); }
void TcpSocket::clear_read_deadline() {
  state_->read_deadline.disarm();
  state_->read_deadline.passed = false;
}
void TcpSocket::clear_write_deadline() {
  state_->write_deadline.disarm();
  state_->write_deadline.passed = false;
}

void TcpSocket::start_read(std::span<char> room) {
  State& state = *state_;
  TG_ASSERT(!state.read_in_flight && !room.empty());
  if (state.read_deadline.passed) {
    state.read_result = {IoStatus::timed_out, 0};
    return;
  }
  state.read_in_flight = true;
  state.socket.async_read_some(asio::buffer(room.data(), room.size()), ReadDone{&state});
}

void TcpSocket::start_wait_readable() {
  State& state = *state_;
  TG_ASSERT(!state.read_in_flight);
  if (state.read_deadline.passed) {
    state.read_result = {IoStatus::timed_out, 0};
    return;
  }
  state.read_in_flight = true;
  state.socket.async_wait(AsioSocket::wait_read, ReadDone{&state});
}

bool TcpSocket::read_pending() const { return state_->read_in_flight; }
void TcpSocket::on_unawaited_read(std::function<void()> notify) { state_->unawaited = std::move(notify); }

bool TcpSocket::try_write(std::span<iovec>& parts, IoResult& result) {
  const int fd = state_->socket.native_handle();
  while (!parts.empty()) {
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = std::min<std::size_t>(parts.size(), 64);
    const ssize_t sent = ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
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

namespace {

struct WritableAwaiter {
  TcpSocket::State& state;
  bool await_ready() const noexcept { return state.write_deadline.passed; }
  void await_suspend(std::coroutine_handle<> waiting) const {
    state.writer = waiting;
    state.socket.async_wait(AsioSocket::wait_write, WriteReady{&state});
  }
  IoStatus await_resume() const noexcept { return state.write_deadline.passed ? IoStatus::timed_out : state.write_status; }
};

}  // namespace

Task<IoResult> TcpSocket::write_all(std::span<iovec> parts) {
  IoResult result;
  State& state = *state_;
  while (!try_write(parts, result)) {
    const IoStatus ready = co_await WritableAwaiter{state};
    if (ready != IoStatus::ok) {
      result.status = ready;
      break;
    }
  }
  co_return result;
}

Task<IoResult> TcpSocket::write_all(std::string_view bytes) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  const IoResult result = co_await write_all(std::span(&part, 1));
  co_return result;
}

void TcpSocket::cancel() {
  error_code ignored;
  state_->socket.cancel(ignored);
}

void TcpSocket::shutdown_write() {
  error_code ignored;
  state_->socket.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

void TcpSocket::close(bool reset) {
  if (state_ == nullptr) return;
  TG_ASSERT(!state_->reader && !state_->writer);
  error_code ignored;
  if (reset) state_->socket.set_option(asio::socket_base::linger(true, 0), ignored);
  state_->read_deadline.disarm();
  state_->write_deadline.disarm();
  state_->socket.close(ignored);
  if (state_->read_in_flight) {
    // Asio still owes one completion, which uses this state: it deletes it then.
    state_->unawaited = [state = state_.get()] { delete state; };
    state_.release();
  } else {
    state_.reset();
  }
}

Task<std::expected<TcpSocket, IoStatus>> TcpSocket::connect(EventLoop& loop, ConnectTo to) {
  const int fd = ::socket(to.address.ip.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) co_return std::unexpected(IoStatus::failed);
  set_no_delay(fd);
  const auto endpoint = to_asio(to.address);
  const int connected = ::connect(fd, endpoint.data(), static_cast<socklen_t>(endpoint.size()));
  TcpSocket socket(loop, fd);
  if (connected != 0) {
    if (errno != EINPROGRESS) co_return std::unexpected(IoStatus::failed);
    socket.set_write_deadline(loop.now() + to.timeout);
    const IoStatus ready = co_await WritableAwaiter{*socket.state_};
    if (ready != IoStatus::ok) co_return std::unexpected(ready);
    socket.clear_write_deadline();
    int error = 0;
    socklen_t size = sizeof(error);
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) co_return std::unexpected(IoStatus::failed);
  }
  co_return std::move(socket);
}

struct TcpListener::State {
  explicit State(EventLoop& event_loop) : loop(event_loop), acceptor(event_loop.impl().context) {}
  EventLoop& loop;
  AsioAcceptor acceptor;
};

TcpListener::TcpListener(std::unique_ptr<State> state) : state_(std::move(state)) {}
TcpListener::TcpListener(TcpListener&&) noexcept = default;
TcpListener::~TcpListener() = default;

Result<TcpListener> TcpListener::open(EventLoop& loop, const Options& options) {
  auto state = std::make_unique<State>(loop);
  const auto endpoint = to_asio(options.address);
  error_code error;
  state->acceptor.open(endpoint.protocol(), error);
  if (!error) state->acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && options.reuse_port) {
    const int on = 1;
    ::setsockopt(state->acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  }
  if (!error) state->acceptor.bind(endpoint, error);
  if (!error) state->acceptor.listen(4096, error);
  if (!error) state->acceptor.non_blocking(true, error);
  if (error == asio::error::address_in_use) {
    return fail(codes::address_in_use, str::cat("port ", options.address.port, " on ", options.address.ip.to_string(),
                                                " is taken by another process; stop it, or choose another port"));
  }
  if (error) return fail(codes::address_in_use, str::cat("cannot listen on ", options.address.to_string(), ": ", error.message()));
  return TcpListener(std::move(state));
}

SocketAddress TcpListener::address() const {
  error_code error;
  const auto endpoint = state_->acceptor.local_endpoint(error);
  return error ? SocketAddress{} : from_asio(endpoint);
}

namespace {

struct AcceptAwaiter {
  AsioAcceptor& acceptor;
  std::coroutine_handle<> waiting;
  error_code error;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    waiting = handle;
    acceptor.async_wait(AsioAcceptor::wait_read, [this](error_code result) {
      error = result;
      waiting.resume();
    });
  }
  bool await_resume() const noexcept { return !error; }
};

}  // namespace

Task<std::optional<TcpSocket>> TcpListener::accept() {
  State& state = *state_;
  while (state.acceptor.is_open()) {
    const int fd = ::accept4(state.acceptor.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      set_no_delay(fd);
      co_return TcpSocket(state.loop, fd);
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      co_await state.loop.sleep(Millis(100));  // descriptors come back as connections end; no busy loop until then
      continue;
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK) continue;  // this connection is gone; the next may be there
    AcceptAwaiter wait{state.acceptor, nullptr, {}};
    const bool ready = co_await wait;
    if (!ready) break;
  }
  co_return std::nullopt;
}

void TcpListener::close() {
  error_code ignored;
  state_->acceptor.close(ignored);
}

namespace {

struct ResolveAwaiter {
  asio::ip::basic_resolver<asio::ip::tcp, Executor>& resolver;
  const std::string& host;
  std::coroutine_handle<> waiting;
  error_code error;
  std::vector<IpAddress> addresses;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    waiting = handle;
    resolver.async_resolve(host, "", [this](error_code result, const auto& found) {
      error = result;
      for (const auto& entry : found) addresses.push_back(from_asio(entry.endpoint().address()));
      waiting.resume();
    });
  }
  void await_resume() const noexcept {}
};

}  // namespace

Task<Result<std::vector<IpAddress>>> resolve(EventLoop& loop, std::string host) {
  if (const auto numeric = IpAddress::parse(host)) co_return std::vector{*numeric};
  asio::ip::basic_resolver<asio::ip::tcp, Executor> resolver(loop.impl().context);
  ResolveAwaiter lookup{resolver, host, nullptr, {}, {}};
  co_await lookup;
  if (lookup.error || lookup.addresses.empty()) {
    co_return fail(codes::upstream_connect_failed, str::cat("cannot resolve ", host, ": ", lookup.error.message()));
  }
  co_return std::move(lookup.addresses);
}

}  // namespace tollgate::runtime
