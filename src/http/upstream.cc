#include "http/upstream.h"

#include <algorithm>

#include "base/str.h"

namespace tollgate::http {

using runtime::IoResult;
using runtime::IoStatus;
using runtime::TcpSocket;

std::string UpstreamTarget::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  return v6 ? str::cat("[", host, "]:", port) : str::cat(host, ":", port);
}

UpstreamConnection::UpstreamConnection(TcpSocket socket, UpstreamPool& pool) : socket_(std::move(socket)), pool_(pool) {
  socket_.on_unawaited_read([this] { pool_.remove(this); });
  start_receive();
}

void UpstreamConnection::start_receive() {
  socket_.start_read(in_.prepare(1));
  receiving_ = true;
}

UpstreamConnection::ReceiveAwaiter UpstreamConnection::receive(MonoTime deadline) {
  if (!receiving_) start_receive();
  socket_.set_read_deadline(deadline);
  return {*this, socket_.finish_read()};
}

IoResult UpstreamConnection::received(IoResult got) {
  receiving_ = false;
  socket_.clear_read_deadline();
  if (got.ok()) in_.commit(got.bytes);
  return got;
}

UpstreamPool::UpstreamPool(runtime::EventLoop& loop, Options options)
    : loop_(loop),
      options_(std::move(options)),
      addresses_(loop, {.host = options_.target.host, .look_up = options_.look_up, .valid = options_.addresses_valid}) {
}
UpstreamPool::~UpstreamPool() = default;

std::unique_ptr<UpstreamConnection> UpstreamPool::take_idle() {
  expire();
  if (idle_.empty()) return nullptr;
  std::unique_ptr<UpstreamConnection> connection = std::move(idle_.back());
  idle_.pop_back();
  connection->reused_ = true;
  return connection;
}

void UpstreamPool::put_idle(std::unique_ptr<UpstreamConnection> connection) {
  expire();
  // Bytes nobody asked for mean that the two sides disagree about where the response ended.
  if (!connection->in_.empty() || idle_.size() >= options_.max_idle) return;
  // What the last request was still allowed to take says nothing about the next.
  connection->socket_.clear_read_deadline();
  if (!connection->receiving_) connection->start_receive();
  if (!connection->socket_.read_pending()) return;
  connection->idle_since_ = loop_.round_time();
  idle_.push_back(std::move(connection));
  if (!expiry_.armed()) loop_.deadlines().arm(expiry_, idle_.front()->idle_since_ + options_.idle_timeout);
}

// The server closed an idle connection, or sent something unasked: either way it is of no more use. One that is in use
// is not in the list, and whoever uses it sees the result of the read.
void UpstreamPool::remove(UpstreamConnection* connection) {
  std::erase_if(idle_, [connection](const auto& candidate) { return candidate.get() == connection; });
}

void UpstreamPool::expire() {
  const MonoTime too_old = loop_.round_time() - options_.idle_timeout;
  const auto fresh = std::find_if(idle_.begin(), idle_.end(), [&](const auto& c) { return c->idle_since_ > too_old; });
  idle_.erase(idle_.begin(), fresh);
  if (idle_.empty() || expiry_.armed()) return;
  loop_.deadlines().arm(expiry_, idle_.front()->idle_since_ + options_.idle_timeout);
}

Task<Result<std::unique_ptr<UpstreamConnection>>> UpstreamPool::connect(ConnectAttempt& attempt) {
  const MonoTime deadline = std::min(attempt.deadline_, loop_.now() + options_.connect_timeout);
  addresses_.refresh();
  IoStatus status = IoStatus::failed;
  std::vector<IpAddress> tried;
  bool waited = false;
  while (!attempt.killed_) {
    if (!std::ranges::is_permutation(addresses_.known(), tried)) {
      tried = addresses_.known();
      auto socket = co_await connect_to_any(tried, deadline, attempt);
      if (socket) co_return std::make_unique<UpstreamConnection>(*std::move(socket), *this);
      status = socket.error();
      if (status == IoStatus::exhausted || loop_.now() >= deadline) break;
    } else {
      // None of those answers, or there are none: whoever looks them up just now may know better.
      if (waited || !addresses_.looking_up()) break;
      waited = true;
      const IoStatus looked_up = co_await wait_for_look_up(deadline, attempt);
      if (looked_up == IoStatus::ok) continue;
      status = looked_up;
      break;
    }
  }
  co_return std::unexpected(connect_error(attempt.killed_ ? IoStatus::cancelled : status));
}

// One after the other, each with its share of what is left of the time: one that is silent leaves some for the others.
Task<UpstreamPool::Connected> UpstreamPool::connect_to_any(std::vector<IpAddress> addresses, MonoTime deadline,
                                                           ConnectAttempt& attempt) {
  IoStatus status = IoStatus::failed;
  for (std::size_t i = 0; i < addresses.size() && !attempt.killed_; ++i) {
    ++connects_;
    Connected socket = TcpSocket::open_towards(loop_, addresses[i]);
    if (!socket) co_return std::move(socket);
    const MonoTime now = loop_.now();
    const Nanos share = (deadline - now) / static_cast<std::int64_t>(addresses.size() - i);
    attempt.waited_for_ = &*socket;
    status = co_await socket->connect({.ip = addresses[i], .port = options_.target.port}, now + share);
    attempt.waited_for_ = nullptr;
    if (status == IoStatus::ok) co_return std::move(socket);
  }
  co_return std::unexpected(status);
}

Task<IoStatus> UpstreamPool::wait_for_look_up(MonoTime deadline, ConnectAttempt& attempt) {
  runtime::HostAddresses::Wait wait(addresses_, deadline);
  attempt.waited_for_ = &wait;
  const IoStatus status = co_await wait;
  attempt.waited_for_ = nullptr;
  co_return status;
}

Error UpstreamPool::connect_error(IoStatus status) const {
  if (status == IoStatus::cancelled) return Error(codes::cancelled);
  if (status == IoStatus::exhausted) {
    return Error(codes::overloaded,
                 str::cat("no descriptor or port is left to connect to ", options_.target.authority()));
  }
  if (status == IoStatus::timed_out) return Error(codes::upstream_connect_timeout, options_.target.authority());
  if (addresses_.known().empty() && addresses_.failure()) return *addresses_.failure();
  return Error(codes::upstream_connect_failed, options_.target.authority());
}

}  // namespace tollgate::http
