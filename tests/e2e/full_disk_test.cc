// A gateway whose disk is full, before it starts and while it runs: it serves, counts, and says so once.
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "base/random.h"
#include "base/str.h"
#include "tests/support/small_disk.h"
#include "tests/support/tollgate_process.h"

namespace tollgate::testing {
namespace {

// Analytics on a disk with space, a gateway on a small one.
class FullDisk {
 public:
  explicit FullDisk(const std::string& small_disk) : gateway_dir_(small_disk + "/data") {
    std::filesystem::create_directory(gateway_dir_);
    analytics_ = start("analytics", dir_.file("analytics"), {{"JWT_SECRET", random_base62(43)}});
  }
  void start_gateway() {
    gateway_ = start("gateway", gateway_dir_, {{"ANALYTICS_SERVICE_URL", analytics_->url("analytics")}});
  }
  void kill_gateway() { gateway_->kill(); }
  void remove_log() { std::filesystem::remove_all(gateway_dir_ + "/log"); }
  TollgateProcess& gateway() { return *gateway_; }

  // Each leaves a record, whatever is answered.
  void call_gateway(int times) {
    HttpClient client(gateway_->address("gateway"));
    for (int i = 0; i < times; ++i) ASSERT_EQ(client.get("/nowhere").status, 404);
    sent_ += static_cast<std::uint64_t>(times);
  }
  std::uint64_t log(const std::string& name) const { return gateway_->metric("gateway", "tollgate_log_" + name); }
  // All that was sent has arrived.
  bool all_counted() const {
    const HttpReply reply = analytics_->call("analytics", {.target = "/api/analytics/system-stats",
                                                           .headers = {{"Authorization", "Bearer " + service_token_}}});
    return log("spooled") == 0 && Json(reply.body)["totalRequests"].uint() == sent_;
  }
  // How often the operator was told this.
  std::size_t told(std::string_view event) {
    const std::string log = gateway_->process().err();
    std::size_t times = 0;
    for (std::size_t at = log.find(event); at != std::string::npos; at = log.find(event, at + 1)) ++times;
    return times;
  }

 private:
  std::unique_ptr<TollgateProcess> start(const std::string& service, const std::string& data_dir,
                                         Environment env) const {
    env.try_emplace("SERVICE_TOKEN", service_token_);
    return std::make_unique<TollgateProcess>(
        TollgateProcess::Options{.arguments = {service, "--port", "0"}, .data_dir = data_dir, .env = std::move(env)});
  }

  const TempDir dir_;
  const std::string gateway_dir_;
  const std::string service_token_ = random_base62(43);
  std::unique_ptr<TollgateProcess> analytics_;
  std::unique_ptr<TollgateProcess> gateway_;
  std::uint64_t sent_ = 0;
};

TEST(FullDisk, AtTheStartDoesNotKeepAGatewayFromServingAndCounting) {
  const TempDir disk;
  on_small_disk(disk.path(), 64, [&] {
    FullDisk f(disk.path());
    // The first start of all needs room for the state of limits, without which a kill would refill them.
    f.start_gateway();
    EXPECT_EQ(f.gateway().stop(), 0);
    f.remove_log();
    std::optional<Filler> filler(disk.file("filler"));
    f.start_gateway();
    f.call_gateway(200);
    EXPECT_EQ(f.log("condition"), 2u);
    EXPECT_EQ(f.log("spooled"), 200u);
    EXPECT_EQ(f.told("there is no room for the decision log's files") + f.told("the disk does not take"), 1u);
    filler.reset();
    EXPECT_TRUE(eventually(Millis(5'000), [&] { return f.log("condition") == 0; })) << f.log("condition");
    EXPECT_TRUE(eventually(Millis(10'000), [&] { return f.all_counted(); }));
    EXPECT_TRUE(eventually(Millis(10'000), [&] { return f.told("the decision log is whole again") == 1; }));
    f.call_gateway(200);
    f.kill_gateway();  // from now on it takes nothing
    f.start_gateway();
    EXPECT_TRUE(eventually(Millis(10'000), [&] { return f.all_counted(); }));
    EXPECT_EQ(f.gateway().stop(), 0);
  });
}

TEST(FullDisk, WhileItRunsCostsNoRequestAndNoCount) {
  const TempDir disk;
  on_small_disk(disk.path(), 64, [&] {
    FullDisk f(disk.path());
    f.start_gateway();
    f.call_gateway(100);
    EXPECT_TRUE(eventually(Millis(10'000), [&] { return f.all_counted(); }));
    {
      const Filler filler(disk.file("filler"));
      f.call_gateway(2'000);
    }
    f.call_gateway(100);
    EXPECT_TRUE(eventually(Millis(10'000), [&] { return f.all_counted(); }));
    EXPECT_EQ(f.gateway().stop(), 0);
  });
}

}  // namespace
}  // namespace tollgate::testing
