#include "tests/support/recording_upstream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <chrono>

#include "base/assert.h"
#include "base/str.h"
#include "tests/support/loopback_listener.h"

namespace tollgate::testing {
namespace {

constexpr timeval kPatience{.tv_sec = 10, .tv_usec = 0};
constexpr std::size_t kKeptBytes = 1 << 20;

}  // namespace

RecordingUpstream::Peer::Peer(RecordingUpstream& upstream, UniqueFd fd, std::size_t number)
    : upstream_(upstream), fd_(std::move(fd)), number_(number) {
  const int on = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
}

bool RecordingUpstream::Peer::fill() {
  char chunk[64 * 1024];
  const ssize_t got = fd_ ? ::recv(fd_.get(), chunk, sizeof(chunk), 0) : 0;
  if (got <= 0) return false;
  const std::string_view bytes(chunk, static_cast<std::size_t>(got));
  unread_.append(bytes);
  {
    const std::lock_guard lock(upstream_.mutex_);
    std::string& kept = upstream_.received_[number_];
    kept.append(bytes.substr(0, kKeptBytes - std::min(kKeptBytes, kept.size())));
    upstream_.counts_[number_] += bytes.size();
  }
  upstream_.changed_.notify_all();
  return true;
}

std::optional<FakeRequest> RecordingUpstream::Peer::parse_head() {
  std::size_t end = unread_.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (!fill()) return std::nullopt;
    end = unread_.find("\r\n\r\n");
  }
  FakeRequest request;
  request.head = unread_.substr(0, end + 4);
  unread_.erase(0, end + 4);
  const std::size_t space = request.head.find(' ');
  request.method = request.head.substr(0, space);
  request.target = request.head.substr(space + 1, request.head.find(' ', space + 1) - space - 1);
  return request;
}

std::optional<FakeRequest> RecordingUpstream::Peer::read_head() {
  std::optional<FakeRequest> request = parse_head();
  if (request) {
    const std::lock_guard lock(upstream_.mutex_);
    upstream_.requests_.push_back(*request);
  }
  upstream_.changed_.notify_all();
  return request;
}

std::optional<FakeRequest> RecordingUpstream::Peer::read_request() {
  std::optional<FakeRequest> request = parse_head();
  if (!request) return std::nullopt;
  const bool chunked = request->header("Transfer-Encoding") == "chunked";
  std::size_t left = str::parse_int<std::size_t>(request->header("Content-Length")).value_or(0);
  while (true) {
    if (chunked) {
      std::size_t line = unread_.find("\r\n");
      while (line == std::string::npos) {
        if (!fill()) return std::nullopt;
        line = unread_.find("\r\n");
      }
      left = std::stoul(unread_.substr(0, line), nullptr, 16);
      unread_.erase(0, line + 2);
    }
    const std::size_t wanted = left + (chunked ? 2 : 0);
    while (unread_.size() < wanted) {
      if (!fill()) return std::nullopt;
    }
    request->body.append(unread_, 0, left);
    unread_.erase(0, wanted);
    if (!chunked || left == 0) break;
  }
  {
    const std::lock_guard lock(upstream_.mutex_);
    upstream_.requests_.push_back(*request);
  }
  upstream_.changed_.notify_all();
  return request;
}

std::string RecordingUpstream::Peer::read_some() {
  if (unread_.empty()) fill();
  return std::exchange(unread_, {});
}

bool RecordingUpstream::Peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = fd_ ? ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) : -1;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RecordingUpstream::Peer::shutdown_write() {
  ::shutdown(fd_.get(), SHUT_WR);
}

void RecordingUpstream::Peer::reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  const std::lock_guard lock(upstream_.mutex_);
  std::erase(upstream_.open_, fd_.get());
  fd_.reset();
  upstream_.changed_.notify_all();
}

void RecordingUpstream::Peer::wait_for_end() {
  while (fill()) unread_.clear();
}

std::size_t RecordingUpstream::Peer::bytes() const {
  const std::lock_guard lock(upstream_.mutex_);
  return upstream_.counts_[number_];
}

bool RecordingUpstream::Peer::ended_within(Millis time) {
  pollfd waited{.fd = fd_.get(), .events = POLLIN, .revents = 0};
  return ::poll(&waited, 1, static_cast<int>(time.count())) != 0;
}

RecordingUpstream::Behaviour RecordingUpstream::always(std::string answer) {
  return [answer = std::move(answer)](Peer& peer) {
    while (peer.read_request()) {
      if (!peer.send(answer)) return;
    }
  };
}

RecordingUpstream::RecordingUpstream(Behaviour behaviour) : behaviour_(std::move(behaviour)) {
  LoopbackListener listening = listen_on_loopback(512);
  listener_ = std::move(listening.fd);
  port_ = listening.port;
  acceptor_ = std::thread([this] { accept_all(); });
}

RecordingUpstream::~RecordingUpstream() {
  stopping_ = true;
  ::shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
}

void RecordingUpstream::accept_all() {
  while (!stopping_) {
    UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!fd) return;
    const std::lock_guard lock(mutex_);
    const std::size_t number = received_.size();
    received_.emplace_back();
    counts_.push_back(0);
    open_.push_back(fd.get());
    threads_.emplace_back([this, number, behaviour = behaviour_, fd = std::move(fd)]() mutable {
      Peer peer(*this, std::move(fd), number);
      behaviour(peer);
      const std::lock_guard end(mutex_);
      std::erase(open_, peer.fd_.get());
      peer.fd_.reset();
      changed_.notify_all();
    });
    changed_.notify_all();
  }
}

void RecordingUpstream::set_behaviour(Behaviour behaviour) {
  const std::lock_guard lock(mutex_);
  behaviour_ = std::move(behaviour);
}

std::size_t RecordingUpstream::connections() const {
  const std::lock_guard lock(mutex_);
  return received_.size();
}

std::size_t RecordingUpstream::open_connections() const {
  const std::lock_guard lock(mutex_);
  return open_.size();
}

std::size_t RecordingUpstream::bytes() const {
  const std::lock_guard lock(mutex_);
  std::size_t sum = 0;
  for (const std::size_t count : counts_) sum += count;
  return sum;
}

std::vector<std::string> RecordingUpstream::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

std::vector<FakeRequest> RecordingUpstream::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

bool RecordingUpstream::wait_until(const std::function<bool()>& holds) const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    // What holds() looks at may change without a notification: it is asked again now and then.
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(5));
  }
  return true;
}

std::string ok_answer(std::string_view body, std::string_view more_lines) {
  return str::cat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(), "\r\n", more_lines, "\r\n", body);
}

}  // namespace tollgate::testing
