#include "tests/support/fake_server.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/assert.h"
#include "base/str.h"
#include "tests/support/loopback_listener.h"

namespace tollgate::testing {
namespace {

std::string url_of(std::uint16_t port) {
  return str::cat("http://127.0.0.1:", port);
}

// The next request from the bytes received so far, which it removes; false while it is not complete.
bool take_request(std::string& bytes, FakeRequest& request) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  request.head = bytes.substr(0, end + 4);
  const std::size_t length = str::parse_int<std::size_t>(request.header("Content-Length")).value_or(0);
  if (bytes.size() < end + 4 + length) return false;
  request.body = bytes.substr(end + 4, length);
  bytes.erase(0, end + 4 + length);
  const std::size_t space = request.head.find(' ');
  request.method = request.head.substr(0, space);
  request.target = request.head.substr(space + 1, request.head.find(' ', space + 1) - space - 1);
  return true;
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

std::string FakeRequest::header(std::string_view name) const {
  std::string_view rest = head;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(std::min(rest.size(), line.size() + 2));
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && str::iequals(line.substr(0, colon), name)) {
      return std::string(str::trim(line.substr(colon + 1)));
    }
  }
  return {};
}

FakeReply FakeReply::json(int status, const std::string& body) {
  return {.bytes = str::cat("HTTP/1.1 ", status, " Status\r\nContent-Type: application/json\r\nContent-Length: ",
                            body.size(), "\r\n\r\n", body)};
}

FakeReply FakeReply::no_content() {
  return {.bytes = "HTTP/1.1 204 No Content\r\n\r\n"};
}

FakeServer::FakeServer(Script script) : script_(std::move(script)) {
  LoopbackListener listening = listen_on_loopback(128);
  listener_ = std::move(listening.fd);
  port_ = listening.port;
  acceptor_ = std::thread([this] { accept_all(); });
}

FakeServer::~FakeServer() {
  stopping_ = true;
  ::shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const UniqueFd& fd : sockets_) ::shutdown(fd.get(), SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
}

std::string FakeServer::url() const {
  return url_of(port_);
}

std::string FakeServer::refusing_url() {
  return url_of(listen_on_loopback(128).port);
}

std::vector<FakeRequest> FakeServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void FakeServer::accept_all() {
  while (!stopping_) {
    UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!fd) return;
    ++connections_;
    const std::lock_guard lock(mutex_);
    const int raw = fd.get();
    sockets_.push_back(std::move(fd));
    threads_.emplace_back([this, raw] { serve(raw); });
  }
}

FakeReply FakeServer::answer(const FakeRequest& request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(request);
  return script_(request);
}

void FakeServer::serve(int fd) {
  std::string received;
  char chunk[16 * 1024];
  while (true) {
    const ssize_t count = ::recv(fd, chunk, sizeof(chunk), 0);
    if (count <= 0) break;
    received.append(chunk, static_cast<std::size_t>(count));
    FakeRequest request;
    while (take_request(received, request)) {
      const FakeReply reply = answer(request);
      if (!send_all(fd, reply.bytes)) return;
      if (reply.then == FakeReply::Then::keep_open) continue;
      if (reply.then == FakeReply::Then::reset) {
        const linger now{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
      }
      // Descriptors are closed with the server; the peer sees the end, the reset, or nothing.
      if (reply.then == FakeReply::Then::close) ::shutdown(fd, SHUT_RDWR);
      if (reply.then == FakeReply::Then::reset) {
        const std::lock_guard lock(mutex_);
        for (UniqueFd& socket : sockets_) {
          if (socket.get() == fd) socket.reset();
        }
      }
      if (reply.then != FakeReply::Then::hang) return;
    }
  }
}

}  // namespace tollgate::testing
