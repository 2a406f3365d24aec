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

// A look-up that hangs until it is let go.
struct Hanging {
  HostAddresses::LookUp look_up() {
    return [begun = begun_, released = released_](const std::string&) {
      begun->set_value();
      released.wait();
      return Result<std::vector<IpAddress>>(std::vector{IpAddress::v4({127, 0, 0, 1})});
    };
  }
  void wait_until_begun() { begun_->get_future().wait(); }
  void let_go() { go_on_.set_value(); }

 private:
  std::promise<void> go_on_;
  std::shared_future<void> released_{go_on_.get_future()};
  std::shared_ptr<std::promise<void>> begun_ = std::make_shared<std::promise<void>>();
};

TEST(HostAddresses, ALookUpMayOutliveThem) {
  Hanging hanging;
  LoopThread thread("test");
  thread.call([&] {
    HostAddresses addresses(thread.loop(), {.host = "a", .look_up = hanging.look_up()});
    addresses.refresh();
    EXPECT_TRUE(addresses.looking_up());
  });
  hanging.let_go();
  EXPECT_FALSE(thread.await([&] { return addresses_of(thread.loop(), "localhost"); }).empty()) << "the next one's turn";
}

TEST(HostAddresses, ALookUpThatHangsHoldsUpNoEnd) {
  Hanging hanging;
  auto thread = std::make_unique<LoopThread>("test");
  auto addresses = thread->call([&] {
    auto made = std::make_unique<HostAddresses>(thread->loop(),
                                                HostAddresses::Options{.host = "a", .look_up = hanging.look_up()});
    made->refresh();
    return made;
  });
  hanging.wait_until_begun();
  thread->call([&] { addresses.reset(); });
  auto ended = std::async(std::launch::async, [&] { thread.reset(); });
  EXPECT_EQ(ended.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  hanging.let_go();  // and whatever it comes to concerns nobody
}

}  // namespace
}  // namespace tollgate::runtime
