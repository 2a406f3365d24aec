// The upstream behind every gateway that is measured: answers any request without a body with the same 100 bytes.
// It does as little as a server can, so that the figures are the gateway's and not its own.
//
//   bench_upstream          prints its port, then serves until it is told to end
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_map>

namespace {

constexpr std::string_view kEndOfHead = "\r\n\r\n";
constexpr std::size_t kBodyBytes = 100;
constexpr int kEventsAtOnce = 256;

std::string make_response() {
  std::string body = R"({"ok":true,"data":")";
  body.append(kBodyBytes - body.size() - 2, 'x').append("\"}");
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

int listen_on_loopback() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (listener < 0 || ::bind(listener, generic, length) != 0 || ::listen(listener, SOMAXCONN) != 0 ||
      ::getsockname(listener, generic, &length) != 0) {
    give_up("bench_upstream: listen");
  }
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

class Upstream {
 public:
  Upstream() : listener_(listen_on_loopback()), epoll_(::epoll_create1(EPOLL_CLOEXEC)) { watch(listener_); }

  [[noreturn]] void serve() {
    std::array<epoll_event, kEventsAtOnce> events{};
    for (;;) {
      const int ready = ::epoll_wait(epoll_, events.data(), kEventsAtOnce, -1);
      for (std::size_t i = 0; i < static_cast<std::size_t>(ready > 0 ? ready : 0); ++i) {
        const int fd = events.at(i).data.fd;
        if (fd == listener_) {
          accept_all();
        } else if (!answer(fd)) {
          unfinished_.erase(fd);
          ::close(fd);
        }
      }
    }
  }

 private:
  void watch(int fd) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) give_up("bench_upstream: epoll_ctl");
  }

  void accept_all() const {
    for (;;) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      watch(fd);
    }
  }

  // False when the connection is over.
  bool answer(int fd) {
    const ssize_t received = ::read(fd, buffer_.data(), buffer_.size());
    if (received <= 0) return false;
    std::string_view input(buffer_.data(), static_cast<std::size_t>(received));
    const auto rest = unfinished_.find(fd);
    std::string joined;
    if (rest != unfinished_.end()) {
      joined = rest->second.append(input);
      input = joined;
      unfinished_.erase(rest);
    }
    for (auto end = input.find(kEndOfHead); end != std::string_view::npos; end = input.find(kEndOfHead)) {
      input.remove_prefix(end + kEndOfHead.size());
      if (::write(fd, response_.data(), response_.size()) != static_cast<ssize_t>(response_.size())) return false;
    }
    if (!input.empty()) unfinished_.emplace(fd, input);
    return true;
  }

  const std::string response_ = make_response();
  int listener_;
  int epoll_;
  std::array<char, 65536> buffer_{};
  std::unordered_map<int, std::string> unfinished_;  // heads that came in pieces
};

}  // namespace

int main() {
  Upstream upstream;
  upstream.serve();
}
