#include "cli/caller_guard.h"

#include <gtest/gtest.h>

#include "http/server.h"
#include "tests/support/http_client.h"

namespace tollgate::cli {
namespace {

using services::AdminCaller;

constexpr const char* kServiceToken = "service-token-k3mZ81qLr0TxWv5NcB7yHd2";

Task<http::Response> done() {
  co_return http::no_content();
}

// Roles are their own tokens.
Result<AdminCaller> check_role_as_token(std::string_view token) {
  const auto role = services::parse_admin_role(token);
  if (!role) return fail(codes::unauthenticated_admin);
  return AdminCaller{.name = "anna", .role = *role, .credential_id = {}, .expires_at = {}};
}

class CallerGuardTest : public ::testing::Test {
 protected:
  CallerGuardTest() {
    for (const char* pattern : {"GET /thing", "POST /thing", "DELETE /thing"}) {
      router_.add(pattern, {.guard = guard_.guard()}, [](http::Request&) { return done(); });
    }
    server_ = *http::Server::start({&thread_}, router_, {.address = {.ip = IpAddress::v4({127, 0, 0, 1})}});
  }
  int status(const std::string& method, const std::string& token) {
    testing::HttpCall call{.method = method, .target = "/thing"};
    if (!token.empty()) call.headers = {{"Authorization", "Bearer " + token}};
    return testing::HttpClient(server_->address()).call(call).status;
  }

  runtime::BlockingPool pool_{1};
  runtime::LoopThread thread_{"guard"};
  http::Router router_;
  CallerGuard guard_{kServiceToken, pool_, check_role_as_token};
  std::unique_ptr<http::Server> server_;
};

TEST_F(CallerGuardTest, LetsTheServiceTokenDoEverythingAndAnUnknownOneNothing) {
  for (const char* method : {"GET", "POST", "DELETE"}) {
    EXPECT_EQ(status(method, kServiceToken), 204) << method;
    EXPECT_EQ(status(method, ""), 401) << method;
    EXPECT_EQ(status(method, "nobody"), 401) << method;
    EXPECT_EQ(status(method, std::string(kServiceToken) + "x"), 401) << method;
  }
}

TEST_F(CallerGuardTest, LetsAViewerReadAndAnOperatorDoTheRest) {
  EXPECT_EQ(status("GET", "viewer"), 204);
  EXPECT_EQ(status("HEAD", "viewer"), 204);
  for (const char* method : {"POST", "DELETE"}) {
    EXPECT_EQ(status(method, "viewer"), 403) << method;
    EXPECT_EQ(status(method, "operator"), 204) << method;
    EXPECT_EQ(status(method, "admin"), 204) << method;
  }
}

}  // namespace
}  // namespace tollgate::cli
