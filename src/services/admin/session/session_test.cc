#include <set>

#include "crypto/sha256.h"
#include "services/admin/harness_test.h"
#include "services/admin/session/sessions.h"

namespace tollgate::services {
namespace {

using testing::Headers;
using testing::HttpReply;

int me(AdminHarness& admin, const std::string& cookie) {
  return admin.call({.target = "/api/admin/me", .headers = {{"Cookie", cookie}}}).status;
}

// What the test's client calls the server.
constexpr std::string_view kOwnOrigin = "http://test";

TEST(Session, ASignInAnswersWhoItIsAndACookieThatNoScriptCanRead) {
  AdminHarness admin;
  const HttpReply reply = admin.sign_in("admin", kTestPassword);
  ASSERT_EQ(reply.status, 201) << reply.body;
  const codec::JsonValue document = AdminHarness::json(reply);
  EXPECT_EQ(*document.find("user")->find("name")->get_if<std::string>(), "admin");
  EXPECT_EQ(*document.find("user")->find("role")->get_if<std::string>(), "admin");
  EXPECT_EQ(AdminHarness::text(reply, "expiresAt"), format_rfc3339(admin.clock.wall_now() + Seconds(12 * 3600)));
  EXPECT_EQ(AdminHarness::text(reply, "idleExpiresAt"), format_rfc3339(admin.clock.wall_now() + Seconds(1800)));
  const std::string set = reply.header("Set-Cookie");
  EXPECT_EQ(set.substr(set.find(';')), "; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict");
  EXPECT_TRUE(set.starts_with("tollgate-session=")) << set;
  const std::string secret = set.substr(set.find('=') + 1, set.find(';') - set.find('=') - 1);
  EXPECT_EQ(secret.size(), Sessions::kSecretLength);
  EXPECT_EQ(reply.body.find(secret), std::string::npos);
  EXPECT_TRUE(*admin.users.find(crypto::sha256(secret))) << "only the hash is kept";
}

TEST(Session, UnderTlsTheCookieIsForTlsAndForThisHostAlone) {
  AdminHarness admin({.public_origin = "https://tollgate.example"});
  const HttpReply reply = admin.sign_in("admin", kTestPassword);
  const std::string set = reply.header("Set-Cookie");
  EXPECT_TRUE(set.starts_with("__Host-tollgate=")) << set;
  EXPECT_TRUE(set.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure")) << set;
  EXPECT_EQ(reply.header("Strict-Transport-Security"), "max-age=31536000");
  const std::string cookie = set.substr(0, set.find(';'));
  EXPECT_EQ(me(admin, cookie), 200);
  EXPECT_EQ(me(admin, "tollgate-session" + cookie.substr(cookie.find('='))), 401);
  const auto from = [&](const std::string& origin) {
    return admin
        .call({.method = "DELETE",
               .target = "/api/admin/sessions",
               .headers = {{"Cookie", cookie}, {"X-Tollgate-Csrf", "1"}, {"Origin", origin}}})
        .status;
  };
  EXPECT_EQ(from("https://tollgate.example"), 204);
  EXPECT_EQ(from(std::string(kOwnOrigin)), 403);
}

TEST(Session, EndsAfterHalfAnHourUnusedAndAfterTwelveHoursAnyway) {
  AdminHarness admin;
  const std::string idle = admin.cookie();
  admin.clock.advance(ports::kSessionIdle - Nanos(1));
  EXPECT_EQ(me(admin, idle), 200);
  admin.clock.advance(ports::kSessionIdle - Nanos(1));
  EXPECT_EQ(me(admin, idle), 200);
  admin.clock.advance(ports::kSessionIdle);
  EXPECT_EQ(me(admin, idle), 401);

  const std::string busy = admin.cookie();
  for (Seconds used{0}; used < Sessions::kLifetime; used += Seconds(1200)) {
    EXPECT_EQ(me(admin, busy), 200) << used.count();
    admin.clock.advance(Seconds(1200));
  }
  EXPECT_EQ(me(admin, busy), 401);
}

TEST(Session, WhatIsNoSessionIsRefused) {
  AdminHarness admin;
  const std::string good = admin.cookie();
  std::string flipped = good;
  flipped.back() = flipped.back() == 'A' ? 'B' : 'A';
  for (const std::string& bad : {std::string(), std::string("tollgate-session="), flipped, good + "x",
                                 "__Host-tollgate" + good.substr(good.find('=')), std::string("x=1; y=2")}) {
    EXPECT_EQ(me(admin, bad), 401) << bad;
  }
  EXPECT_EQ(me(admin, "a=b; " + good + "; c=d"), 200);
  // A token that is wrong is not made good by a cookie.
  EXPECT_EQ(
      admin.call({.target = "/api/admin/me", .headers = {{"Cookie", good}, {"Authorization", "Bearer x"}}}).status,
      401);
}

TEST(Session, IsListedWithWhereItIsAndEndedOneByOneOrAllButThisOne) {
  AdminHarness admin;
  const HttpReply first = admin.sign_in("admin", kTestPassword, {{"User-Agent", "Older browser"}});
  const std::string older = first.header("Set-Cookie").substr(0, first.header("Set-Cookie").find(';'));
  admin.clock.advance(Seconds(1));
  const std::string mine = admin.cookie();
  admin.put_user("anna", "viewer");
  const std::string hers = admin.cookie("anna");

  const codec::JsonValue list = AdminHarness::json(admin.from_page(mine, "GET", "/api/admin/sessions"));
  const auto& data = *list.find("data")->array();
  ASSERT_EQ(data.size(), 2u);
  EXPECT_TRUE(*data[0].find("current")->get_if<bool>());
  EXPECT_FALSE(*data[1].find("current")->get_if<bool>());
  EXPECT_EQ(*data[1].find("userAgent")->get_if<std::string>(), "Older browser");
  EXPECT_EQ(*data[1].find("network")->get_if<std::string>(), "127.0.0.1");
  const std::string older_id = *data[1].find("id")->get_if<std::string>();

  EXPECT_EQ(admin.from_page(hers, "DELETE", "/api/admin/sessions/" + older_id).status, 404) << "not hers";
  EXPECT_EQ(admin.from_page(mine, "DELETE", "/api/admin/sessions/" + older_id).status, 204);
  EXPECT_EQ(me(admin, older), 401);
  EXPECT_EQ(me(admin, mine), 200);
  const std::string another = admin.cookie();
  EXPECT_EQ(admin.from_page(mine, "DELETE", "/api/admin/sessions").status, 204);
  EXPECT_EQ(me(admin, another), 401);
  EXPECT_EQ(me(admin, hers), 200);
  const HttpReply last = admin.from_page(mine, "DELETE", "/api/admin/sessions/current");
  EXPECT_EQ(last.status, 204);
  EXPECT_TRUE(last.header("Set-Cookie").starts_with("tollgate-session=; Path=/; Max-Age=0"))
      << last.header("Set-Cookie");
  EXPECT_EQ(me(admin, mine), 401);
}

TEST(Session, LogoutEndsIt) {
  AdminHarness admin;
  const std::string cookie = admin.cookie();
  const HttpReply reply = admin.from_page(cookie, "POST", "/api/admin/logout");
  EXPECT_EQ(reply.status, 204);
  EXPECT_TRUE(reply.header("Set-Cookie").starts_with("tollgate-session=; Path=/; Max-Age=0"));
  EXPECT_EQ(me(admin, cookie), 401);
}

TEST(Session, FollowsTheUsersRoleAndEndsWithTheUser) {
  AdminHarness admin;
  admin.put_user("anna", "viewer");
  const std::string cookie = admin.cookie("anna");
  EXPECT_EQ(admin.from_page(cookie, "POST", "/api/admin/keys", R"({"name":"a"})").status, 403);
  admin.put_user("anna", "operator");
  EXPECT_EQ(admin.from_page(cookie, "POST", "/api/admin/keys", R"({"name":"a"})").status, 201);
  ASSERT_TRUE(admin.users.bump_token_version("anna"));
  EXPECT_EQ(me(admin, cookie), 401);
}

TEST(Session, SignInIsThrottledWithLogin) {
  AdminHarness admin;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(admin.sign_in("admin", "not the password").status, 401) << i;
  EXPECT_EQ(admin.sign_in("admin", kTestPassword).status, 429);
  EXPECT_EQ(admin.log_in("admin", kTestPassword).status, 429);
}

TEST(Csrf, WhateverChangesSomethingMustComeFromAScriptOfThisOrigin) {
  AdminHarness admin;
  const std::string cookie = admin.cookie();
  const std::uint64_t revision = admin.keys.revision();
  const auto create = [&](Headers headers) {
    headers.emplace_back("Cookie", cookie);
    headers.emplace_back("Content-Type", "application/json");
    return admin.call(
        {.method = "POST", .target = "/api/admin/keys", .headers = std::move(headers), .body = R"({"name":"a"})"});
  };
  const std::string own(kOwnOrigin);
  for (const Headers& bad : {Headers{}, Headers{{"X-Tollgate-Csrf", "1"}}, Headers{{"Sec-Fetch-Site", "same-origin"}},
                             Headers{{"Origin", own}}, Headers{{"X-Tollgate-Csrf", "0"}, {"Origin", own}},
                             Headers{{"X-Tollgate-Csrf", "1"}, {"Origin", "null"}},
                             Headers{{"X-Tollgate-Csrf", "1"}, {"Origin", "http://evil.example"}},
                             Headers{{"X-Tollgate-Csrf", "1"}, {"Origin", own + ".evil.example"}},
                             Headers{{"X-Tollgate-Csrf", "1"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", own}},
                             Headers{{"X-Tollgate-Csrf", "1"}, {"Sec-Fetch-Site", "cross-site"}},
                             Headers{{"X-Tollgate-Csrf", "1"}, {"Sec-Fetch-Site", "none"}}}) {
    const HttpReply reply = create(bad);
    EXPECT_EQ(reply.status, 403);
    EXPECT_EQ(AdminHarness::text(reply, "code"), "csrf");
  }
  EXPECT_EQ(admin.keys.revision(), revision);
  EXPECT_EQ(create({{"X-Tollgate-Csrf", "1"}, {"Origin", own}}).status, 201);
  EXPECT_EQ(create({{"X-Tollgate-Csrf", "1"}, {"Sec-Fetch-Site", "same-origin"}}).status, 201);
}

TEST(Csrf, EveryEndpointThatIsNoGetRefusesACookieAlone) {
  AdminHarness admin;
  const std::string cookie = admin.cookie();
  for (const std::string& pattern : admin.service->router().patterns()) {
    const std::size_t space = pattern.find(' ');
    const std::string method = pattern.substr(0, space);
    if (method == "GET" || pattern == "POST /api/admin/login" || pattern == "POST /api/admin/sessions") continue;
    const HttpReply reply =
        admin.call({.method = method, .target = pattern.substr(space + 1), .headers = {{"Cookie", cookie}}});
    EXPECT_EQ(reply.status, 403) << pattern;
    EXPECT_EQ(AdminHarness::text(reply, "code"), "csrf") << pattern;
  }
}

TEST(Csrf, NobodyIsSignedInByAnotherSite) {
  AdminHarness admin;
  EXPECT_EQ(admin.sign_in("admin", kTestPassword, {{"Sec-Fetch-Site", "cross-site"}}).status, 403);
  EXPECT_EQ(admin.sign_in("admin", kTestPassword, {{"Sec-Fetch-Site", "same-origin"}}).status, 201);
}

HttpReply change_password(AdminHarness& admin, const std::string& cookie, std::string_view current,
                          std::string_view wanted) {
  return admin.from_page(cookie, "PUT", "/api/admin/me/password",
                         str::cat(R"({"current":")", current, R"(","new":")", wanted, R"("})"));
}

TEST(OwnPassword, EndsEveryOtherSessionAndEveryToken) {
  AdminHarness admin;
  constexpr std::string_view kNew = "another horse entirely";
  const std::string mine = admin.cookie();
  const std::string other = admin.cookie();
  const std::string token = admin.token();
  EXPECT_EQ(change_password(admin, mine, kTestPassword, kNew).status, 204);
  EXPECT_EQ(me(admin, mine), 200);
  EXPECT_EQ(me(admin, other), 401);
  EXPECT_EQ(admin.call({.target = "/api/admin/me", .headers = {{"Authorization", "Bearer " + token}}}).status, 401);
  EXPECT_EQ(admin.sign_in("admin", kTestPassword).status, 401);
  EXPECT_EQ(admin.sign_in("admin", kNew).status, 201);
}

TEST(OwnPassword, IsChangedByWhoKnowsTheCurrentOneAndForAGoodOneOnly) {
  AdminHarness admin;
  const std::string cookie = admin.cookie();
  const HttpReply wrong = change_password(admin, cookie, "not the password", "another horse entirely");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_NE(wrong.body.find(R"("pointer":"/current")"), std::string::npos) << wrong.body;
  for (const char* weak : {"short", "adminadmin12", "password1234"}) {
    const HttpReply refused = change_password(admin, cookie, kTestPassword, weak);
    EXPECT_EQ(refused.status, 400) << weak;
    EXPECT_NE(refused.body.find(R"("pointer":"/new")"), std::string::npos) << refused.body;
  }
  EXPECT_EQ(admin.sign_in("admin", kTestPassword).status, 201);
}

TEST(OwnPassword, CannotBeGuessedFromAStolenSession) {
  AdminHarness admin;
  const std::string cookie = admin.cookie();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(change_password(admin, cookie, "not it", "another horse entirely").status, 400);
  EXPECT_EQ(change_password(admin, cookie, kTestPassword, "another horse entirely").status, 429);
}

}  // namespace
}  // namespace tollgate::services
