#include "services/admin/session/sign_in.h"

#include <future>
#include <map>

#include "services/admin/harness_test.h"
#include "services/admin/session/admin_tokens.h"

namespace tollgate::services {
namespace {

using testing::HttpReply;

HttpReply me(AdminHarness& admin, const std::string& token) {
  return admin.call({.target = "/api/admin/me", .headers = {{"Authorization", "Bearer " + token}}});
}

TEST(Login, GivesATokenThatOpensTheApiForFifteenMinutes) {
  AdminHarness admin;
  const HttpReply reply = admin.log_in("admin", kTestPassword);
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(AdminHarness::number(reply, "expiresIn"), 900u);
  const std::string token = AdminHarness::text(reply, "token");
  EXPECT_EQ(AdminHarness::text(me(admin, token), "name"), "admin");
  admin.clock.advance(Seconds(899));
  EXPECT_EQ(me(admin, token).status, 200);
  admin.clock.advance(Seconds(1) + SignedTokens::kLeeway);
  EXPECT_EQ(me(admin, token).status, 401);
}

TEST(Login, WrongPasswordAndUnknownUserAreTheSameAnswer) {
  AdminHarness admin;
  const HttpReply wrong = admin.log_in("admin", "not the password");
  const HttpReply unknown = admin.log_in("nobody", "not the password");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(AdminHarness::text(wrong, "code"), "login_failed");
  const auto without_id = [](std::string body) { return body.replace(body.find("requestId"), 30, ""); };
  EXPECT_EQ(without_id(wrong.body), without_id(unknown.body));
}

TEST(Login, LogoutEndsOneTokenAndNoOther) {
  AdminHarness admin;
  const std::string one = admin.token();
  const std::string other = admin.token();
  EXPECT_EQ(
      admin.call({.method = "POST", .target = "/api/admin/logout", .headers = {{"Authorization", "Bearer " + one}}})
          .status,
      204);
  EXPECT_EQ(me(admin, one).status, 401);
  EXPECT_EQ(me(admin, other).status, 200);
}

TEST(Login, ATokenEndsWithTheUsersTokenVersionRoleAndExistence) {
  AdminHarness admin;
  admin.put_user("anna", "operator");
  const std::string token = admin.token("anna");
  EXPECT_EQ(me(admin, token).status, 200);
  ASSERT_TRUE(admin.users.bump_token_version("anna").has_value());
  EXPECT_EQ(me(admin, token).status, 401);
  admin.put_user("anna", "operator");
  EXPECT_EQ(me(admin, token).status, 200);
  admin.put_user("anna", "admin");
  EXPECT_EQ(me(admin, token).status, 401);
}

TEST(Login, ForgedAndForeignTokensAreRefused) {
  AdminHarness admin;
  const std::string good = admin.token();
  const auto user = *admin.users.find("admin");
  const auto other_secret = AdminTokens::make("another-secret-9dK2mQ7xVb4LzR8tWn3Yc6Hs", admin.users, admin.clock);
  ASSERT_TRUE(other_secret.has_value());
  const auto other_audience = codec::JwtCodec::make({{.kid = "1", .secret = std::string(kTestJwtSecret)}},
                                                    {.issuer = "tollgate", .audience = "somebody-else"});
  codec::JwtClaims claims{.sub = "admin",
                          .role = "admin",
                          .jti = "x",
                          .iss = {},
                          .aud = {},
                          .iat = admin.clock.wall_now(),
                          .exp = admin.clock.wall_now() + Seconds(900),
                          .ver = 1};
  const std::size_t dot = good.find('.');
  // {"alg":"none"} in front of good claims, without a signature.
  const std::string unsigned_token = "eyJhbGciOiJub25lIn0" + good.substr(dot, good.rfind('.') - dot) + ".";
  std::string flipped = good;
  flipped.back() = flipped.back() == 'A' ? 'E' : 'A';
  for (const std::string& bad :
       {std::string(), std::string("x"), flipped, unsigned_token, good + ".x", other_secret->issue(*user),
        other_audience->sign(claims), std::string(kTestServiceToken)}) {
    const HttpReply reply = me(admin, bad);
    EXPECT_EQ(reply.status, 401) << bad;
    EXPECT_EQ(AdminHarness::text(reply, "code"), "unauthenticated_admin");
    EXPECT_EQ(reply.header("WWW-Authenticate"), "Bearer");
  }
  EXPECT_EQ(me(admin, good).status, 200);
}

TEST(Login, IsThrottledPerAccountAfterFiveFailuresEvenWithTheRightPassword) {
  AdminHarness admin;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(admin.log_in("admin", "not the password").status, 401) << i;
  const HttpReply refused = admin.log_in("admin", kTestPassword);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(AdminHarness::text(refused, "code"), "login_throttled");
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_EQ(admin.log_in("somebody", "not the password").status, 401);
  admin.clock.advance(Seconds(1));
  EXPECT_EQ(admin.log_in("admin", kTestPassword).status, 200);
  EXPECT_EQ(admin.log_in("admin", "not the password").status, 401);  // and the count begins anew
}

TEST(Login, AnUnknownUserIsThrottledJustTheSame) {
  AdminHarness admin;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(admin.log_in("nobody", "not the password").status, 401);
  EXPECT_EQ(admin.log_in("nobody", "not the password").header("Retry-After"), "1");
}

TEST(Login, NeverLogsAPasswordAndNoNameThatMayBeOne) {
  ::testing::internal::CaptureStderr();
  {
    AdminHarness admin;
    admin.log_in("admin", "canary-password-1");
    admin.log_in("canary-password-2", "canary-password-3");
    admin.log_in("admin", kTestPassword);
    admin.call({.method = "POST",
                .target = "/api/admin/login",
                .headers = {{"Content-Type", "application/json"}},
                .body = R"({"username":"a","pasword":"canary-password-4"})"});
  }
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("wrong_password"), std::string::npos) << log;
  EXPECT_NE(log.find("no_such_user"), std::string::npos);
  EXPECT_NE(log.find(R"("result":"ok")"), std::string::npos);
  EXPECT_EQ(log.find("canary"), std::string::npos) << log;
  EXPECT_EQ(log.find(kTestPassword), std::string::npos);
}

TEST(Login, RefusesDocumentsThatAreNotCredentials) {
  AdminHarness admin;
  for (const std::string& bad :
       {std::string("{}"), std::string(R"({"username":"admin"})"), std::string(R"({"username":1,"password":"x"})"),
        std::string(R"({"username":"admin","password":"x","role":"admin"})"), std::string("[]"), std::string("{"),
        R"({"username":"admin","password":")" + std::string(1025, 'x') + R"("})"}) {
    const HttpReply reply = admin.call({.method = "POST",
                                        .target = "/api/admin/login",
                                        .headers = {{"Content-Type", "application/json"}},
                                        .body = bad});
    EXPECT_EQ(reply.status, 400) << bad;
  }
  EXPECT_EQ(admin
                .call({.method = "POST",
                       .target = "/api/admin/login",
                       .headers = {{"Content-Type", "text/plain"}},
                       .body = "{}"})
                .status,
            415);
}

TEST(Login, BeyondTwoAtWorkAndSixteenWaitingTheNextAreToldBusyAtOnce) {
  AdminHarness admin;
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  admin.users.on_find([released] { released.wait(); });
  std::vector<std::unique_ptr<testing::HttpClient>> clients;
  for (int i = 0; i < 25; ++i) {
    clients.push_back(std::make_unique<testing::HttpClient>(admin.server->address()));
    const std::string body = str::cat(R"({"username":"user)", i, R"(","password":"not the password"})");
    clients.back()->send(str::cat("POST /api/admin/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n",
                                  "Content-Length: ", body.size(), "\r\n\r\n", body));
  }
  while (admin.service->router().answered()[4] < 7) std::this_thread::yield();
  release.set_value();
  std::map<int, int> statuses;
  for (auto& client : clients) ++statuses[client->read_reply().status];
  EXPECT_EQ(statuses[401], 18);
  EXPECT_EQ(statuses[503], 7);
}

}  // namespace
}  // namespace tollgate::services
