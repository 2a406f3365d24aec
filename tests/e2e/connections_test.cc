// Connections as the configuration allows them.
#include <gtest/gtest.h>

#include "base/str.h"
#include "tests/support/tollgate_process.h"

namespace tollgate::testing {
namespace {

const IpAddress kClient = IpAddress::v4({127, 0, 0, 1});
const IpAddress kProxy = IpAddress::v4({127, 0, 0, 2});

TEST(Connections, OfOneClientAreCappedAtTheGatewayButNotThoseOfATrustedProxyNorElsewhere) {
  const TempDir dir;
  ASSERT_TRUE(write_file_atomic(dir.file("tollgate.yaml"),
                                "workers: 4\n"
                                "gateway: { maxConnectionsPerClient: 3, trustedProxies: [127.0.0.2/32] }\n",
                                0600));
  TollgateProcess tollgate(
      {.arguments = {"up", "--base-port", "0", "--config", dir.file("tollgate.yaml")}, .data_dir = dir.file("data")});
  std::vector<HttpClient> held;
  const auto connect = [&](const char* service, const IpAddress& from) {
    held.emplace_back(tollgate.address(service), from);
    held.back().send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    return held.back().read_reply().status;
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(connect("gateway", kClient), 200);
  EXPECT_EQ(connect("gateway", kClient), 503);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(connect("gateway", kProxy), 200);
    EXPECT_EQ(connect("limiter", kClient), 200);
  }
  const std::string metrics = held.front().get("/metrics").body;
  EXPECT_NE(metrics.find("\ntollgate_client_connections_turned_away_per_client_total 1\n"), std::string::npos)
      << metrics;
  EXPECT_NE(metrics.find("\ntollgate_client_connections_turned_away_total 1\n"), std::string::npos) << metrics;
}

}  // namespace
}  // namespace tollgate::testing
