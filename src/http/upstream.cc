#include "http/upstream.h"

#include <algorithm>

#include "base/str.h"
#include "runtime/resolve.h"

namespace tollgate::http {

using runtime::IoResult;
using runtime::IoStatus;
using runtime::TcpSocket;

namespace {

constexpr Seconds kLookupValid{5};

}  // namespace

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

UpstreamPool::UpstreamPool(runtime::EventLoop& loop, Options options) : loop_(loop), options_(std::move(options)) {}
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

Task<Result<std::unique_ptr<UpstreamConnection>>> UpstreamPool::connect() {
  const MonoTime now = loop_.now();
  if (addresses_.empty() || now - resolved_at_ > kLookupValid) {
    auto found = co_await runtime::resolve(loop_, options_.target.host);
    if (!found) co_return std::unexpected(std::move(found).error());
    addresses_ = *std::move(found);
    resolved_at_ = now;
  }
  IoStatus last = IoStatus::failed;
  const std::vector<IpAddress> addresses = addresses_;  // another task may look the name up again meanwhile
  for (const IpAddress& ip : addresses) {
    ++connects_;
    auto socket = co_await TcpSocket::connect(
        loop_, {.address = {.ip = ip, .port = options_.target.port}, .timeout = options_.connect_timeout});
    if (socket) co_return std::make_unique<UpstreamConnection>(*std::move(socket), *this);
    last = socket.error();
  }
  co_return fail(last == IoStatus::timed_out ? codes::upstream_connect_timeout : codes::upstream_connect_failed,
                 options_.target.authority());
}

}  // namespace tollgate::http
