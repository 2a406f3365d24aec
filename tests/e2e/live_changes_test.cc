// A change at admin is in force at the gateway within a second, for keys that are in use.
#include "base/str.h"
#include "tests/e2e/shared_tollgate.h"

namespace tollgate::testing {
namespace {

class LiveChanges : public SharedTollgate {
 protected:
  static HttpReply send(const std::string& method, const std::string& path, const std::string& body = {}) {
    return tollgate().admin_call("admin", {.method = method, .target = path, .body = body});
  }
  static std::string path_of(const CreatedKey& key) { return "/api/admin/keys/" + key.id; }

  static bool within_a_second(const std::function<bool()>& condition) { return eventually(Millis(1'000), condition); }
  static bool answers(const std::string& key, int status) {
    return within_a_second([&] { return tollgate().use(key).status == status; });
  }
};

TEST_F(LiveChanges, NewLimitsDecideAboutTheNextRequest) {
  const CreatedKey key = tollgate().create_key(R"({"name":"a","tier":"free"})");
  EXPECT_EQ(tollgate().use(key.text).header("X-RateLimit-Limit"), "100");
  ASSERT_EQ(send("PUT", path_of(key), R"({"tokensPerWindow":3,"refillRate":0.001,"maxBurst":3})").status, 200);
  EXPECT_TRUE(within_a_second([&] { return tollgate().use(key.text).header("X-RateLimit-Limit") == "3"; }));
  int allowed = 0;
  for (int i = 0; i < 10; ++i) allowed += tollgate().use(key.text).status == 200 ? 1 : 0;
  EXPECT_LE(allowed, 3);
  EXPECT_EQ(tollgate().use(key.text).status, 429);
}

TEST_F(LiveChanges, AResetFillsTheBucket) {
  const CreatedKey key =
      tollgate().create_key(R"({"name":"a","tier":"free","tokensPerWindow":2,"refillRate":0.001,"maxBurst":2})");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(tollgate().use(key.text).status, 200);
  EXPECT_EQ(tollgate().use(key.text).status, 429);
  EXPECT_EQ(send("POST", path_of(key) + "/reset").status, 204);
  EXPECT_EQ(tollgate().use(key.text).status, 200);
  EXPECT_EQ(Json(tollgate().get("admin", path_of(key) + "/state").body)["tokens"].uint(), 1u);
}

TEST_F(LiveChanges, ADisabledKeyIsRefusedUntilItIsEnabled) {
  const CreatedKey key = tollgate().create_key(R"({"name":"a","tier":"free"})");
  EXPECT_EQ(tollgate().use(key.text).status, 200);
  ASSERT_EQ(send("POST", path_of(key) + "/disable").status, 200);
  EXPECT_TRUE(answers(key.text, 401));
  ASSERT_EQ(send("POST", path_of(key) + "/enable").status, 200);
  EXPECT_TRUE(answers(key.text, 200));
}

TEST_F(LiveChanges, ADeletedKeyIsRefused) {
  const CreatedKey key = tollgate().create_key(R"({"name":"a","tier":"free"})");
  EXPECT_EQ(tollgate().use(key.text).status, 200);
  ASSERT_EQ(send("DELETE", path_of(key)).status, 204);
  EXPECT_TRUE(answers(key.text, 401));
}

TEST_F(LiveChanges, ARotatedKeyWorksWithBothSecretsDuringItsGraceAndCountsAsOne) {
  const CreatedKey key =
      tollgate().create_key(R"({"name":"a","tier":"free","tokensPerWindow":50,"refillRate":0.001,"maxBurst":50})");
  const HttpReply rotated = send("POST", path_of(key) + "/rotate", R"({"graceSeconds":3600})");
  ASSERT_EQ(rotated.status, 200) << rotated.body;
  const std::string renewed = Json(rotated.body)["apiKey"].text();
  EXPECT_NE(renewed, key.text);
  EXPECT_FALSE(Json(rotated.body)["oldSecretValidUntil"].is_null());
  EXPECT_TRUE(answers(renewed, 200));
  EXPECT_EQ(tollgate().use(key.text).status, 200);
  const auto left = str::parse_int<int>(tollgate().use(renewed).header("X-RateLimit-Remaining"));
  EXPECT_LE(left.value_or(50), 47) << "both secrets take from one bucket";
}

TEST_F(LiveChanges, ARotationWithoutGraceEndsTheOldSecret) {
  const CreatedKey key = tollgate().create_key(R"({"name":"a","tier":"free"})");
  const HttpReply rotated = send("POST", path_of(key) + "/rotate", R"({"graceSeconds":0})");
  ASSERT_EQ(rotated.status, 200) << rotated.body;
  EXPECT_TRUE(answers(Json(rotated.body)["apiKey"].text(), 200));
  EXPECT_TRUE(answers(key.text, 401));
}

TEST_F(LiveChanges, ANewLimitOfATierReachesItsKeysButNotThoseWithTheirOwn) {
  ASSERT_EQ(
      send("POST", "/api/admin/tiers", R"({"name":"team","tokensPerWindow":20,"refillRate":1,"maxBurst":20})").status,
      201);
  const CreatedKey key = tollgate().create_key(R"({"name":"a","tier":"team"})");
  const CreatedKey special =
      tollgate().create_key(R"({"name":"b","tier":"team","tokensPerWindow":7,"refillRate":1,"maxBurst":7})");
  EXPECT_EQ(tollgate().use(key.text).header("X-RateLimit-Limit"), "20");
  ASSERT_EQ(send("PUT", "/api/admin/tiers/team", R"({"tokensPerWindow":5,"refillRate":1,"maxBurst":5})").status, 200);
  EXPECT_TRUE(within_a_second([&] { return tollgate().use(key.text).header("X-RateLimit-Limit") == "5"; }));
  EXPECT_EQ(tollgate().use(special.text).header("X-RateLimit-Limit"), "7");
}

}  // namespace
}  // namespace tollgate::testing
