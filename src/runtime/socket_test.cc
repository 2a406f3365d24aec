#include "runtime/socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "runtime/blocking_pool.h"
#include "runtime/listener.h"
#include "runtime/loop_thread.h"
#include "runtime/socket_address.h"

namespace tollgate::runtime {
namespace {

const SocketAddress kAnyPort{.ip = IpAddress::v4({127, 0, 0, 1}), .port = 0};

// Two ends of one connection, on one loop.
struct Pair {
  TcpSocket client;
  TcpSocket server;
};

Task<Pair> connected(EventLoop& loop) {
  TcpListener listener = *TcpListener::open(loop, {.address = kAnyPort});
  TcpSocket client = *TcpSocket::open_towards(loop, kAnyPort.ip);
  const IoStatus status = co_await client.connect(listener.address(), loop.now() + Seconds(10));
  EXPECT_EQ(status, IoStatus::ok);
  auto server = co_await listener.accept();
  co_return Pair{.client = std::move(client), .server = std::move(server->socket)};
}

Task<IoStatus> read_with_deadline(EventLoop& loop) {
  Pair pair = co_await connected(loop);
  char room[8];
  pair.client.set_read_deadline(loop.now() + Millis(30));
  const IoResult first = co_await pair.client.read_some(room);
  EXPECT_EQ(first.status, IoStatus::timed_out);
  const IoResult still = co_await pair.client.read_some(room);  // until it is cleared
  EXPECT_EQ(still.status, IoStatus::timed_out);
  pair.client.clear_read_deadline();
  const IoResult sent = co_await pair.server.write_all("late");
  EXPECT_TRUE(sent.ok());
  const IoResult got = co_await pair.client.read_some(room);
  EXPECT_EQ(got.bytes, 4U);
  pair.server.close();
  const IoResult end = co_await pair.client.read_some(room);
  co_return end.status;
}

TEST(TcpSocket, AReadEndsAtItsDeadlineAndAfterwardsReadsOn) {
  LoopThread thread("test");
  EXPECT_EQ(thread.await([&] { return read_with_deadline(thread.loop()); }), IoStatus::end);
}

Task<void> write_into(TcpSocket& socket, IoResult& result) {
  const std::string much(64u << 20, 'x');
  const IoResult written = co_await socket.write_all(much);
  result = written;
}

Task<IoResult> cancelled_write(EventLoop& loop) {
  Pair pair = co_await connected(loop);
  TaskGroup group(loop);
  IoResult result;
  group.spawn(write_into(pair.client, result));
  EXPECT_EQ(group.running(), 1U);  // nobody reads
  pair.client.cancel();
  co_await group.empty();
  co_return result;
}

TEST(TcpSocket, AWriteThatWaitsCanBeCancelled) {
  LoopThread thread("test");
  const IoResult result = thread.await([&] { return cancelled_write(thread.loop()); });
  EXPECT_EQ(result.status, IoStatus::cancelled);
  EXPECT_LT(result.bytes, 64u << 20);
}

Task<std::size_t> transfer(EventLoop& loop) {
  Pair pair = co_await connected(loop);
  TaskGroup group(loop);
  IoResult result;
  group.spawn(write_into(pair.client, result));
  std::size_t got = 0;
  std::string room(100'000, '\0');
  while (got < 64u << 20) {
    const IoResult read = co_await pair.server.read_some(room);
    if (!read.ok()) break;
    got += read.bytes;
  }
  co_await group.empty();
  co_return got;
}

TEST(TcpSocket, AllBytesArriveWhenWriterAndReaderWaitForEachOther) {
  LoopThread thread("test");
  EXPECT_EQ(thread.await([&] { return transfer(thread.loop()); }), 64u << 20);
}

Task<IoStatus> reset_seen(EventLoop& loop) {
  Pair pair = co_await connected(loop);
  char room[8];
  pair.client.start_read(room);
  pair.server.close(/*reset=*/true);
  const IoResult got = co_await pair.client.finish_read();
  co_return got.status;
}

TEST(TcpSocket, AResetIsAFailureAndNotAnEnd) {
  LoopThread thread("test");
  EXPECT_EQ(thread.await([&] { return reset_seen(thread.loop()); }), IoStatus::failed);
}

Task<IoStatus> connect_to_nobody(EventLoop& loop) {
  SocketAddress address;
  {
    TcpListener listener = *TcpListener::open(loop, {.address = kAnyPort});
    address = listener.address();
  }
  TcpSocket socket = *TcpSocket::open_towards(loop, address.ip);
  const IoStatus status = co_await socket.connect(address, loop.now() + Seconds(10));
  co_return status;
}

TEST(TcpSocket, ConnectingToAPortWhereNobodyListensFails) {
  LoopThread thread("test");
  EXPECT_EQ(thread.await([&] { return connect_to_nobody(thread.loop()); }), IoStatus::failed);
}

struct PeerSeen {
  SocketAddress client;
  SocketAddress by_listener;
  IoStatus first_read;
};

Task<PeerSeen> accept_one_that_was_reset(EventLoop& loop) {
  TcpListener listener = *TcpListener::open(loop, {.address = kAnyPort});
  UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const KernelAddress to = to_kernel(listener.address());
  EXPECT_EQ(::connect(client.get(), to.get(), to.size), 0);
  KernelAddress own;
  own.size = sizeof(own.storage);
  EXPECT_EQ(::getsockname(client.get(), own.get(), &own.size), 0);
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  client.reset();
  auto accepted = co_await listener.accept();
  char room[8];
  const IoResult got = co_await accepted->socket.read_some(room);
  co_return PeerSeen{.client = from_kernel(*own.get()), .by_listener = accepted->peer, .first_read = got.status};
}

TEST(TcpListener, KnowsWhoAConnectionWasFromThoughItIsResetAlready) {
  LoopThread thread("test");
  const PeerSeen seen = thread.await([&] { return accept_one_that_was_reset(thread.loop()); });
  EXPECT_EQ(seen.first_read, IoStatus::failed);
  EXPECT_EQ(seen.by_listener, seen.client);
}

TEST(TcpListener, AnAddressOfAnotherMachineFailsAndSaysWhy) {
  LoopThread thread("test");
  thread.call([&] {
    const SocketAddress elsewhere{.ip = IpAddress::v4({192, 0, 2, 1}), .port = 0};
    const auto listener = TcpListener::open(thread.loop(), {.address = elsewhere});
    ASSERT_FALSE(listener);
    EXPECT_THAT(listener.error().detail(), testing::HasSubstr("Cannot assign requested address"));
  });
}

TEST(TcpListener, ABusyPortFailsAndSaysWhichAndWhatToDo) {
  LoopThread thread("test");
  thread.call([&] {
    const TcpListener first = *TcpListener::open(thread.loop(), {.address = kAnyPort});
    const auto second = TcpListener::open(thread.loop(), {.address = first.address()});
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().is(codes::address_in_use));
    EXPECT_NE(second.error().detail().find(std::to_string(first.address().port)), std::string::npos);
    EXPECT_NE(second.error().detail().find("another port"), std::string::npos);
  });
}

Task<int> sum_elsewhere(EventLoop& loop, BlockingPool& pool) {
  int sum = 0;
  for (int i = 1; i <= 100; ++i) {
    const auto other = co_await pool.run(loop, [i] { return std::pair(i, std::this_thread::get_id()); });
    EXPECT_NE(other.second, std::this_thread::get_id());
    sum += other.first;
  }
  co_return sum;
}

TEST(BlockingPool, WorksOnAnotherThreadAndResumesOnTheLoop) {
  BlockingPool pool(3);
  LoopThread thread("test");
  EXPECT_EQ(thread.await([&] { return sum_elsewhere(thread.loop(), pool); }), 5'050);
}

Task<void> set_when(Event& start, Event& end) {
  co_await start;
  end.set();
}

Task<bool> chain_of_events(EventLoop& loop) {
  TaskGroup group(loop);
  Event first(loop);
  Event second(loop);
  group.spawn(set_when(first, second));
  EXPECT_FALSE(second.is_set());
  first.set();
  co_await second;
  co_await first;  // stays set
  co_await group.empty();
  co_return group.running() == 0;
}

TEST(Event, WakesWhoWaitsAndStaysSet) {
  LoopThread thread("test");
  EXPECT_TRUE(thread.await([&] { return chain_of_events(thread.loop()); }));
}

Task<bool> others_have_a_turn(EventLoop& loop) {
  bool turn = false;
  loop.post([&turn] { turn = true; });
  for (int rounds = 0; rounds < 3 && !turn; ++rounds) co_await loop.yield();
  co_return turn;
}

TEST(EventLoop, WhoYieldsLetsPostedWorkRun) {
  LoopThread thread("test");
  EXPECT_TRUE(thread.await([&] { return others_have_a_turn(thread.loop()); }));
}

Task<std::vector<IoStatus>> use_after_kill(EventLoop& loop) {
  Pair pair = co_await connected(loop);
  const IoResult sent = co_await pair.server.write_all("unread");
  EXPECT_TRUE(sent.ok());
  pair.client.kill();
  char room[8];
  const IoResult got = co_await pair.client.read_some(room);
  const IoResult written = co_await pair.client.write_all("x");
  co_return std::vector{got.status, written.status};
}

TEST(TcpSocket, NothingIsReadOrWrittenOnceKilled) {
  LoopThread thread("test");
  EXPECT_EQ(thread.await([&] { return use_after_kill(thread.loop()); }),
            (std::vector{IoStatus::cancelled, IoStatus::cancelled}));
}

Task<IoStatus> ended_by_companion(EventLoop& loop) {
  Pair client = co_await connected(loop);
  Pair upstream = co_await connected(loop);
  client.server.kill_along(&upstream.client);
  client.client.close(/*reset=*/true);
  char room[8];
  const IoResult got = co_await upstream.client.read_some(room);
  client.server.kill_along(nullptr);
  co_return got.status;
}

TEST(TcpSocket, AResetOfOneEndsTheOtherThatIsKilledAlong) {
  LoopThread thread("test");
  EXPECT_EQ(thread.await([&] { return ended_by_companion(thread.loop()); }), IoStatus::cancelled);
}

Task<std::pair<IoStatus, IoStatus>> idle_reads(EventLoop& loop) {
  Pair pair = co_await connected(loop);
  char room[8];
  const IoResult sent = co_await pair.server.write_all("asked");
  EXPECT_TRUE(sent.ok());
  pair.client.start_read(room);
  pair.client.cancel_idle_read();  // the loop has not looked yet, but it is there
  const IoResult arrived = co_await pair.client.finish_read();
  pair.client.start_read(room);
  pair.client.cancel_idle_read();
  const IoResult idle = co_await pair.client.finish_read();
  co_return std::pair{arrived.status, idle.status};
}

TEST(TcpSocket, AnIdleReadIsCancelledAndOneThatBytesHaveArrivedForIsNot) {
  LoopThread thread("test");
  EXPECT_EQ(thread.await([&] { return idle_reads(thread.loop()); }), (std::pair{IoStatus::ok, IoStatus::cancelled}));
}

}  // namespace
}  // namespace tollgate::runtime
