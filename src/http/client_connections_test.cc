#include "http/client_connections.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/str.h"

namespace tollgate::http {
namespace {

IpAddress ip(const std::string& text) {
  return IpAddress::parse(text).value();
}

TEST(ClientConnections, AClientHasAsManyAsItMayUntilOneEnds) {
  ClientConnections table(2);
  auto first = table.enter(ip("192.0.2.1"));
  auto second = table.enter(ip("192.0.2.1"));
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(table.enter(ip("192.0.2.1")));
  EXPECT_FALSE(table.enter(ip("192.0.2.1"))) << "one that was refused takes no place";
  EXPECT_TRUE(table.enter(ip("192.0.2.2"))) << "each client for itself";
  ClientConnections::Place moved = std::move(*first);
  first.reset();
  EXPECT_FALSE(table.enter(ip("192.0.2.1"))) << "a place that moved is one place";
  second.reset();
  EXPECT_TRUE(table.enter(ip("192.0.2.1")));
}

TEST(ClientConnections, AnIpv6ClientIsItsSlash64AndAnIpv4ClientItsAddress) {
  ClientConnections table(1);
  const auto held = table.enter(ip("2001:db8:1:2::1"));
  EXPECT_FALSE(table.enter(ip("2001:db8:1:2:ffff:ffff:ffff:ffff")));
  EXPECT_TRUE(table.enter(ip("2001:db8:1:3::1")));
  const auto v4 = table.enter(ip("32.1.13.184"));  // the first bytes of 2001:db8::
  EXPECT_TRUE(v4);
  EXPECT_TRUE(table.enter(ip("32.1.13.185")));
  EXPECT_FALSE(table.enter(ip("::ffff:32.1.13.184"))) << "another spelling";
}

TEST(ClientConnections, NeverMoreThanTheMostOnAnyNumberOfThreadsAndNoneIsLost) {
  constexpr std::uint32_t kMost = 3;
  constexpr int kRounds = 20'000;
  ClientConnections table(kMost);
  std::array<std::atomic<std::uint32_t>, 4> open{};
  std::atomic<std::uint32_t> highest{0}, entered{0};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (unsigned round = 0; round < kRounds; ++round) {
        const std::size_t client = (t + round) % open.size();
        const auto place = table.enter(IpAddress::v4({192, 0, 2, static_cast<std::uint8_t>(client)}));
        if (!place) continue;
        ++entered;
        const std::uint32_t now = ++open[client];
        std::uint32_t known = highest;
        while (known < now && !highest.compare_exchange_weak(known, now)) {
        }
        --open[client];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(highest, kMost);
  EXPECT_GE(entered, 8U);
  for (std::size_t client = 0; client < open.size(); ++client) {
    const IpAddress address = IpAddress::v4({192, 0, 2, static_cast<std::uint8_t>(client)});
    std::vector<ClientConnections::Place> places;
    for (std::uint32_t i = 0; i < kMost; ++i) {
      auto place = table.enter(address);
      ASSERT_TRUE(place) << "a place was not given back";
      places.push_back(*std::move(place));
    }
    EXPECT_FALSE(table.enter(address)) << "a place was given back twice";
  }
}

}  // namespace
}  // namespace tollgate::http
