// The end of a process whose clients hold on.
#include <gtest/gtest.h>
#include <signal.h>

#include "base/clock.h"
#include "base/str.h"
#include "tests/support/http_client.h"
#include "tests/support/tollgate_process.h"

namespace tollgate::testing {
namespace {

struct Held {
  const char* service;
  const char* target;
};
constexpr Held kHeld[] = {{"gateway", "/api/process/calculate"},
                          {"backend", "/api/process/calculate"},
                          {"limiter", "/api/limiter/check"},
                          {"analytics", "/api/analytics/log"},
                          {"admin", "/api/admin/keys"}};

// In the middle of a request: its head has been answered with 100 Continue, its body does not come.
HttpClient hold_on(const TollgateProcess& tollgate, const Held& held, const std::string& credential) {
  HttpClient client(tollgate.address(held.service));
  client.send(str::cat("POST ", held.target, " HTTP/1.1\r\nHost: a\r\n", credential,
                       "\r\nContent-Type: application/json\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n"));
  const int status = client.read_head().status;
  if (status != 100) throw std::runtime_error(str::cat(held.service, " answered ", status));
  return client;
}

TEST(DrainOfAll, HasOneDeadlineForAllServices) {
  constexpr Seconds kDrain{2};
  const TempDir dir;
  ASSERT_TRUE(write_file_atomic(dir.file("tollgate.yaml"),
                                str::cat("gateway: { timeouts: { drain: ", kDrain.count(), "s, bodyIdle: 60s } }\n"),
                                0600));
  TollgateProcess tollgate(
      {.arguments = {"up", "--base-port", "0", "--config", dir.file("tollgate.yaml")}, .data_dir = dir.file("data")});
  const std::string key = tollgate.create_key(R"({"name":"held","tier":"pro"})").text;
  std::vector<HttpClient> clients;
  for (const Held& held : kHeld) {
    const bool is_gateway = std::string_view(held.service) == "gateway";
    clients.push_back(
        hold_on(tollgate, held, is_gateway ? "X-API-Key: " + key : "Authorization: Bearer " + tollgate.token()));
  }
  const SystemClock clock;
  const MonoTime begun = clock.mono_now();
  EXPECT_EQ(tollgate.stop(), 0) << tollgate.process().err();
  const Nanos took = clock.mono_now() - begun;
  EXPECT_GE(took, kDrain) << "they were waited for";
  EXPECT_LT(took, 3 * kDrain) << "but not each for itself";
}

}  // namespace
}  // namespace tollgate::testing
