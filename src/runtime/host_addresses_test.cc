#include "runtime/host_addresses.h"

#include <gtest/gtest.h>

#include <future>

#include "runtime/loop_thread.h"

namespace tollgate::runtime {
namespace {

// The addresses once they are known: after one look-up at most.
Task<std::vector<IpAddress>> addresses_of(EventLoop& loop, std::string host) {
  HostAddresses addresses(loop, {.host = std::move(host)});
  addresses.refresh();
  HostAddresses::Wait wait(addresses, loop.now() + Seconds(10));
  if (addresses.looking_up()) {
    const IoStatus status = co_await wait;
    EXPECT_EQ(status, IoStatus::ok);
  }
  co_return addresses.known();
}

TEST(HostAddresses, AreThoseOfNumbersAndOfLocalNames) {
  LoopThread thread("test");
  EXPECT_EQ(thread.await([&] { return addresses_of(thread.loop(), "10.1.2.3"); }),
            std::vector{IpAddress::v4({10, 1, 2, 3})});
  EXPECT_FALSE(thread.await([&] { return addresses_of(thread.loop(), "localhost"); }).empty());
  EXPECT_TRUE(thread.await([&] { return addresses_of(thread.loop(), "no-such-host.invalid"); }).empty());
}

TEST(HostAddresses, ALookUpMayOutliveThem) {
  std::promise<void> go_on;
  std::shared_future<void> released(go_on.get_future());
  LoopThread thread("test");
  thread.call([&] {
    HostAddresses addresses(thread.loop(), {.host = "a", .look_up = [released](const std::string&) {
                                              released.wait();
                                              return Result<std::vector<IpAddress>>();
                                            }});
    addresses.refresh();
    EXPECT_TRUE(addresses.looking_up());
  });
  go_on.set_value();
}

}  // namespace
}  // namespace tollgate::runtime
