#include "http/server.h"

#include <list>

#include "http/client_connections.h"
#include "http/connection.h"
#include "http/linger.h"
#include "runtime/listener.h"

namespace tollgate::http {

using runtime::Accepted;
using runtime::LoopThread;
using runtime::TcpListener;
using runtime::TcpSocket;

constexpr std::size_t kAcceptsInARow = 16;  // then those who are connected have a turn
constexpr std::size_t kLeavingAtOnce = 64;
constexpr LingerLimit kLeave{.time = Millis(1'000), .bytes = 64 * 1024};

// One loop's share of the server. Everything in it runs on that loop.
struct Server::Worker {
  Worker(LoopThread& loop_thread, Handler& handler, const ServerOptions& options, std::size_t index,
         std::shared_ptr<ClientConnections> clients)
      : thread(loop_thread),
        context{loop_thread.loop(), handler, options.timeouts, index, {}, false},
        tasks(loop_thread.loop()),
        counts(options.counts),
        max_open(options.max_connections),
        by_client(std::move(clients)),
        is_uncapped(options.is_uncapped) {}

  Task<void> accept_all() {
    std::size_t accepted = 0;
    while (true) {
      std::optional<Accepted> next = co_await listener->accept();
      if (!next) co_return;
      admit(*std::move(next));
      if (++accepted % kAcceptsInARow == 0) co_await context.loop.yield();
    }
  }

  void admit(Accepted accepted) {
    if (counts->open.fetch_add(1, std::memory_order_relaxed) < max_open) {
      std::optional<ClientConnections::Place> place = place_for(accepted.peer.ip);
      if (place) return tasks.spawn(serve(std::move(accepted), *std::move(place)));
      counts->turned_away_per_client.fetch_add(1, std::memory_order_relaxed);
    }
    counts->open.fetch_sub(1, std::memory_order_relaxed);
    counts->turned_away.fetch_add(1, std::memory_order_relaxed);
    tasks.spawn(turn_away(std::move(accepted.socket)));
  }

  std::optional<ClientConnections::Place> place_for(const IpAddress& peer) const {
    if (by_client == nullptr || (is_uncapped && is_uncapped(peer))) return ClientConnections::Place();
    return by_client->enter(peer);
  }

  // A request may have arrived with the connection: the answer must not be lost to a reset. Not for all of a crowd.
  Task<void> turn_away(TcpSocket socket) {
    static constexpr std::string_view kFull =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n";
    iovec part{const_cast<char*>(kFull.data()), kFull.size()};
    std::span parts(&part, 1);
    runtime::IoResult ignored;
    socket.try_write(parts, ignored);
    if (leaving.size() >= kLeavingAtOnce) co_return;
    const auto place = leaving.insert(leaving.end(), &socket);
    runtime::Buffer scratch;
    co_await linger(context.loop, socket, scratch, kLeave);
    leaving.erase(place);
  }

  Task<void> serve(Accepted accepted, ClientConnections::Place place_of_client) {
    const ClientConnections::Place held = std::move(place_of_client);
    Connection connection(context, std::move(accepted));
    const auto place = connections.insert(connections.end(), &connection);
    co_await connection.run();
    counts->open.fetch_sub(1, std::memory_order_relaxed);
    connections.erase(place);
  }

  Task<void> drain(Millis patience) {
    context.draining = true;
    // Who has connected is served; closing first would reset what waits to be accepted.
    while (std::optional<Accepted> arrived = listener->accept_arrived()) admit(*std::move(arrived));
    listener->close();
    // Ending a connection changes the list: work on a copy.
    const std::vector<Connection*> now(connections.begin(), connections.end());
    for (Connection* connection : now) connection->ask_to_end();
    const MonoTime deadline = context.loop.now() + patience;
    while (tasks.running() > 0 && context.loop.now() < deadline) co_await context.loop.sleep(Millis(10));
    while (tasks.running() > 0) {
      const std::vector<Connection*> late(connections.begin(), connections.end());
      for (Connection* connection : late) connection->kill();
      for (TcpSocket* socket : leaving) socket->kill();
      co_await context.loop.sleep(Millis(10));
    }
  }

  LoopThread& thread;
  ConnectionContext context;
  runtime::TaskGroup tasks;
  std::optional<TcpListener> listener;
  std::list<Connection*> connections;
  std::list<TcpSocket*> leaving;  // turned away, and read to their end
  const std::shared_ptr<ServerCounts> counts;
  const std::size_t max_open;
  const std::shared_ptr<ClientConnections> by_client;  // null: clients are not counted
  const std::function<bool(const IpAddress&)> is_uncapped;
};

namespace {

// Listeners that share a port would also share it with another process. One that does not share finds that out first.
// On the loop's own thread: a listener ends there, too.
Result<SocketAddress> find_free(runtime::EventLoop& loop, const SocketAddress& address) {
  TG_TRY(const TcpListener alone, TcpListener::open(loop, {.address = address}));
  return alone.address();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(std::vector<LoopThread*> loops, Handler& handler,
                                              const ServerOptions& options) {
  std::unique_ptr<Server> server(new Server);
  server->options_ = options;
  server->address_ = options.address;
  if (loops.size() > 1) {
    TG_TRY(server->address_, loops[0]->call([&] { return find_free(loops[0]->loop(), options.address); }));
  }
  const auto clients =
      options.max_per_client > 0 ? std::make_shared<ClientConnections>(options.max_per_client) : nullptr;
  for (std::size_t i = 0; i < loops.size(); ++i) {
    auto worker = std::make_unique<Worker>(*loops[i], handler, options, i, clients);
    auto listener = loops[i]->call([&] {
      return TcpListener::open(loops[i]->loop(), {.address = server->address_, .reuse_port = loops.size() > 1});
    });
    if (!listener) return std::unexpected(std::move(listener).error());
    worker->listener.emplace(*std::move(listener));
    if (i == 0) server->address_ = worker->listener->address();
    server->workers_.push_back(std::move(worker));
  }
  for (auto& worker : server->workers_) {
    worker->thread.call([&] { worker->tasks.spawn(worker->accept_all()); });
  }
  return server;
}

Server::~Server() {
  drain(Millis(0));
  for (auto& worker : workers_) worker->thread.call([&] { worker->listener.reset(); });
}

std::string Server::url() const {
  return "http://" + address_.to_string();
}

std::size_t Server::connections() const {
  return options_.counts->open.load(std::memory_order_relaxed);
}

void Server::drain(Millis patience) {
  if (std::exchange(drained_, true)) return;
  std::vector<std::thread> waiting;  // all loops drain at the same time
  for (auto& worker : workers_) {
    waiting.emplace_back([&worker, patience] { worker->thread.await([&] { return worker->drain(patience); }); });
  }
  for (std::thread& thread : waiting) thread.join();
}

}  // namespace tollgate::http
