#include "services/admin/once.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "services/admin/harness_test.h"

namespace tollgate::services {
namespace {

using testing::HttpReply;

// Those that change nothing, but for the caller's own session: a login makes a token each time, and after a logout no
// request of that session gets in.
const std::set<std::string> kChangesNothing{
    "POST /api/admin/login", "POST /api/admin/logout", "POST /api/admin/keys/verify", "POST /api/admin/keys/lookup",
    "POST /api/admin/routes/match", "POST /api/admin/sessions",
    // Done twice it is as done once.
    "POST /api/admin/config/validate", "POST /api/admin/config/diff", "POST /api/admin/config/apply"};

const testing::Headers kOnce{{"Idempotency-Key", "order-17"}};

struct OnceTest : ::testing::Test {
  static std::string path(const HttpReply& key, const std::string& action) {
    return "/api/admin/keys/" + AdminHarness::text(key, "id") + action;
  }
  bool opens(const std::string& api_key) {
    const auto parsed = core::parse_api_key(api_key);
    return secret_matches(admin.keys.get(parsed->id).value(), *parsed, admin.clock.wall_now());
  }
  HttpReply rotate(const HttpReply& key, const testing::Headers& headers = kOnce, const std::string& body = {}) {
    return admin.send("POST", path(key, "/rotate"), body, headers);
  }

  AdminHarness admin;
};

TEST_F(OnceTest, ARepeatedRotationMakesNoSecretAndKeepsTheGraceOfTheFirst) {
  const HttpReply made = admin.create();
  const HttpReply first = rotate(made);
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_FALSE(first.has("Idempotency-Replayed"));
  const std::uint64_t revision = admin.keys.revision();
  admin.clock.advance(Seconds(60));
  const HttpReply again = rotate(made);
  ASSERT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(again.header("ETag"), first.header("ETag"));
  EXPECT_NE(again.body.find(R"("apiKey":null)"), std::string::npos) << again.body;
  EXPECT_NE(AdminHarness::text(again, "notice").find("another Idempotency-Key"), std::string::npos) << again.body;
  EXPECT_EQ(admin.keys.revision(), revision);
  EXPECT_TRUE(opens(AdminHarness::text(first, "apiKey")));
  EXPECT_TRUE(opens(AdminHarness::text(made, "apiKey"))) << "the original has its day of grace";
}

std::string body_for(const std::string& target, const std::string& key) {
  if (target == "/api/admin/keys/bulk") return str::cat(R"({"ids":[")", key, R"("],"action":"enable"})");
  if (target == "/api/admin/keys") return R"({"name":"a"})";
  if (target == "/api/admin/tiers") return R"({"name":"t","tokensPerWindow":1,"refillRate":1,"maxBurst":1})";
  if (target == "/api/admin/users") {
    return R"({"name":"anna","password":"correct horse battery staple","role":"viewer"})";
  }
  return "";
}

TEST_F(OnceTest, EveryPostThatChangesSomethingIsDoneOnce) {
  const std::string key = AdminHarness::text(admin.create(), "id");
  int posts = 0;
  for (const std::string& pattern : admin.service->router().patterns()) {
    if (!pattern.starts_with("POST ") || kChangesNothing.contains(pattern)) continue;
    std::string target = pattern.substr(5);
    if (const auto at = target.find("{key}"); at != std::string::npos) target.replace(at, 5, key);
    const std::string body = body_for(target, key);
    const testing::Headers once{{"Idempotency-Key", str::cat("post-", ++posts)}};
    const HttpReply first = admin.send("POST", target, body, once);
    ASSERT_EQ(first.status / 100, 2) << pattern << first.body;
    EXPECT_FALSE(first.has("Idempotency-Replayed")) << pattern;
    const std::uint64_t revision = admin.keys.revision();
    const int changes = admin.changes;
    admin.limits.tokens = 3;
    const HttpReply again = admin.send("POST", target, body, once);
    EXPECT_EQ(again.status / 100, 2) << pattern << again.body;
    EXPECT_EQ(again.header("Idempotency-Replayed"), "true") << pattern;
    EXPECT_EQ(again.header("ETag"), first.header("ETag")) << pattern;
    EXPECT_EQ(admin.keys.revision(), revision) << pattern;
    EXPECT_EQ(admin.changes, changes) << pattern;
    EXPECT_EQ(admin.limits.tokens, 3u) << pattern;
  }
  EXPECT_GE(posts, 6);
}

TEST_F(OnceTest, TheSameKeyForAnotherRequestIsAConflictAndChangesNothing) {
  const HttpReply made = admin.create();
  const HttpReply other = admin.create();
  ASSERT_EQ(rotate(made).status, 200);
  const std::uint64_t revision = admin.keys.revision();
  admin.limits.tokens = 3;
  for (const auto& [target, body] : std::vector<std::pair<std::string, std::string>>{
           {path(other, "/rotate"), ""},
           {path(made, "/rotate"), R"({"graceSeconds":0})"},
           {path(made, "/disable"), ""},
           {path(made, "/reset"), ""},
           {"/api/admin/keys", R"({"name":"a"})"},
           {"/api/admin/tiers", R"({"name":"t","tokensPerWindow":1,"refillRate":1,"maxBurst":1})"}}) {
    const HttpReply refused = admin.send("POST", target, body, kOnce);
    EXPECT_EQ(refused.status, 409) << target;
    EXPECT_EQ(AdminHarness::text(refused, "code"), "conflict") << target;
  }
  EXPECT_EQ(admin.keys.revision(), revision);
  EXPECT_EQ(admin.limits.tokens, 3u);
}

TEST_F(OnceTest, ARepetitionIsKnownThoughTheFirstChangedWhatItWasSentFor) {
  const HttpReply made = admin.create();
  testing::Headers matching = kOnce;
  matching.emplace_back("If-Match", made.header("ETag"));  // of the revision that the first one replaces
  const std::string by_text = "/api/admin/keys/" + AdminHarness::text(made, "apiKey") + "/rotate";
  const std::string at_once = R"({"graceSeconds":0})";  // and the text in the path opens nothing afterwards
  ASSERT_EQ(admin.send("POST", by_text, at_once, matching).status, 200);
  const std::uint64_t revision = admin.keys.revision();
  const HttpReply again = admin.send("POST", by_text, at_once, matching);
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  std::string v1 = by_text;
  EXPECT_EQ(admin.send("POST", v1.insert(4, "/v1"), at_once, matching).header("Idempotency-Replayed"), "true");
  EXPECT_EQ(admin.keys.revision(), revision);
}

TEST_F(OnceTest, OfManyAtOnceOneIsDone) {
  const HttpReply made = admin.create();
  const std::string token = admin.token();
  constexpr int kCallers = 8;
  std::atomic<int> shown{0}, replayed{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&] {
      const HttpReply reply = admin.call({.method = "POST",
                                          .target = path(made, "/rotate"),
                                          .headers = {{"Authorization", "Bearer " + token}, kOnce.front()}});
      if (reply.status != 200) return;
      ++(reply.has("Idempotency-Replayed") ? replayed : shown);
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(shown, 1);
  EXPECT_EQ(replayed, kCallers - 1);
  EXPECT_TRUE(opens(AdminHarness::text(made, "apiKey"))) << "a second rotation would have ended it";
}

TEST_F(OnceTest, ARefusedRequestDoesNotUseUpItsKey) {
  const HttpReply made = admin.create();
  EXPECT_EQ(rotate(made, {kOnce.front(), {"If-Match", "\"999\""}}).status, 412);
  EXPECT_EQ(rotate(made, kOnce, R"({"graceSeconds":-1})").status, 400);
  const HttpReply done = rotate(made);
  EXPECT_EQ(done.status, 200);
  EXPECT_FALSE(done.has("Idempotency-Replayed"));
}

TEST_F(OnceTest, WhatIsGoneMeanwhileIsAConflict) {
  const HttpReply made = admin.create();
  ASSERT_EQ(rotate(made).status, 200);
  ASSERT_EQ(admin.send("DELETE", path(made, "")).status, 204);
  EXPECT_EQ(rotate(made).status, 409);
  const std::string tier = R"({"name":"t","tokensPerWindow":1,"refillRate":1,"maxBurst":1})";
  const testing::Headers once{{"Idempotency-Key", "tier"}};
  ASSERT_EQ(admin.send("POST", "/api/admin/tiers", tier, once).status, 201);
  ASSERT_EQ(admin.send("DELETE", "/api/admin/tiers/t").status, 204);
  EXPECT_EQ(admin.send("POST", "/api/admin/tiers", tier, once).status, 409);
  EXPECT_EQ(admin.send("GET", "/api/admin/tiers/t").status, 404);
}

TEST_F(OnceTest, AKeyThatIsTooLongIsRefusedAndNothingIsDone) {
  const HttpReply made = admin.create();
  const std::uint64_t revision = admin.keys.revision();
  admin.limits.tokens = 3;
  const testing::Headers too_long{{"Idempotency-Key", std::string(256, 'k')}};
  EXPECT_EQ(rotate(made, too_long).status, 400);
  EXPECT_EQ(admin.send("POST", path(made, "/reset"), {}, too_long).status, 400);
  EXPECT_EQ(admin.keys.revision(), revision);
  EXPECT_EQ(admin.limits.tokens, 3u);
  EXPECT_EQ(rotate(made, {{"Idempotency-Key", std::string(255, 'k')}}).status, 200);
}

TEST_F(OnceTest, AStoreThatFailsAfterwardsIsNotTakenForAChange) {
  const HttpReply made = admin.create();
  admin.token();
  admin.keys.break_down(true);
  EXPECT_EQ(rotate(made).status, 503);
  admin.keys.break_down(false);
  EXPECT_FALSE(rotate(made).has("Idempotency-Replayed"));
}

}  // namespace
}  // namespace tollgate::services
