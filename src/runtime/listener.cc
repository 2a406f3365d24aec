#include "runtime/listener.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/str.h"
#include "runtime/socket_address.h"

namespace tollgate::runtime {
namespace {

constexpr int kBacklog = 4096;
// Descriptors come back as connections end; until then there is nothing to do but wait.
constexpr Millis kOutOfDescriptorsWait{100};

std::unexpected<Error> cannot_listen(const SocketAddress& address) {
  if (errno == EADDRINUSE) {
    return fail(codes::address_in_use, str::cat("port ", address.port, " on ", address.ip.to_string(),
                                                " is taken by another process; stop it, or choose another port"));
  }
  const std::string reason = system_error_text();
  return fail(codes::address_in_use, str::cat("cannot listen on ", address.to_string(), ": ", reason));
}

bool is_out_of_resources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

struct TcpListener::State final : Pollable {
  State(EventLoop& event_loop, UniqueFd descriptor) : loop(event_loop), fd(std::move(descriptor)) {}

  void on_events(std::uint32_t) override {
    if (waiting) loop.resume_later(std::exchange(waiting, nullptr));
  }

  // Until the kernel reports a connection, or close().
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) { waiting = handle; }
  void await_resume() const noexcept {}

  // One that has arrived; else nothing, and errno says why.
  std::optional<Accepted> accept_now() {
    KernelAddress peer;
    peer.size = sizeof(peer.storage);
    const int accepted = ::accept4(fd.get(), peer.get(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0) return std::nullopt;
    return Accepted{.socket = TcpSocket(loop, accepted), .peer = from_kernel(*peer.get())};
  }

  EventLoop& loop;
  UniqueFd fd;
  std::coroutine_handle<> waiting;
};

TcpListener::TcpListener(std::unique_ptr<State> state) : state_(std::move(state)) {}
TcpListener::TcpListener(TcpListener&&) noexcept = default;
TcpListener::~TcpListener() {
  if (state_ == nullptr) return;
  close();
  EventLoop& loop = state_->loop;
  loop.retire(std::move(state_));
}

Result<TcpListener> TcpListener::open(EventLoop& loop, const Options& options) {
  const int family = options.address.ip.is_v4() ? AF_INET : AF_INET6;
  UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return cannot_listen(options.address);
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (options.reuse_port) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  const KernelAddress address = to_kernel(options.address);
  if (::bind(fd.get(), address.get(), address.size) != 0 || ::listen(fd.get(), kBacklog) != 0)
    return cannot_listen(options.address);
  auto state = std::make_unique<State>(loop, std::move(fd));
  loop.watch(state->fd.get(), EPOLLIN, *state);
  return TcpListener(std::move(state));
}

SocketAddress TcpListener::address() const {
  KernelAddress address;
  address.size = sizeof(address.storage);
  ::getsockname(state_->fd.get(), address.get(), &address.size);
  return from_kernel(*address.get());
}

Task<std::optional<Accepted>> TcpListener::accept() {
  State& state = *state_;
  while (state.fd) {
    std::optional<Accepted> accepted = state.accept_now();
    if (accepted) co_return std::move(accepted);
    if (is_out_of_resources(errno)) {
      co_await state.loop.sleep(kOutOfDescriptorsWait);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      co_await state;
    }
    // Anything else concerns a connection that is gone already; the next may be there.
  }
  co_return std::nullopt;
}

std::optional<Accepted> TcpListener::accept_arrived() {
  return state_->accept_now();
}

void TcpListener::close() {
  state_->fd.reset();
  if (state_->waiting) state_->loop.resume_later(std::exchange(state_->waiting, nullptr));
}

}  // namespace tollgate::runtime
