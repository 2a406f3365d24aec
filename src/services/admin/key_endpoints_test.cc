#include "services/admin/key_endpoints.h"

#include "services/admin/harness_test.h"

namespace tollgate::services {
namespace {

using testing::HttpReply;

std::string path(const HttpReply& created, const std::string& rest = {}) {
  return "/api/admin/keys/" + AdminHarness::text(created, "id") + rest;
}

std::string etag_of(const HttpReply& key) {
  return str::cat('"', AdminHarness::number(key, "revision"), '"');
}

TEST(Keys, CreationAnswersWithTheKeyOnceAndItsPublicParts) {
  AdminHarness admin;
  const HttpReply made = admin.create(
      R"({"name":"Acme","tier":"Pro","tokensPerWindow":50,"refillRate":0.5,"maxBurst":25,"expiresAt":"2027-01-01T00:00:00Z"})");
  const std::string api_key = AdminHarness::text(made, "apiKey");
  const auto parsed = core::parse_api_key(api_key);
  ASSERT_TRUE(parsed.has_value()) << api_key;
  EXPECT_EQ(AdminHarness::text(made, "id"), parsed->id.view());
  EXPECT_EQ(AdminHarness::text(made, "prefix"), "tg_live");
  EXPECT_EQ(AdminHarness::text(made, "last4"), api_key.substr(api_key.size() - 4));
  EXPECT_EQ(AdminHarness::text(made, "tier"), "pro");
  EXPECT_EQ(AdminHarness::text(made, "limitSource"), "key");
  EXPECT_NE(made.body.find(R"("tokensPerWindow":50,"refillRate":0.5,"maxBurst":25)"), std::string::npos) << made.body;
  EXPECT_EQ(made.header("ETag"), etag_of(made));
  EXPECT_EQ(made.header("Location"), path(made));
  EXPECT_EQ(admin.changes, 1);
  const auto stored = admin.keys.get(parsed->id);
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->limit->refill_micro, 500'000u);
  EXPECT_TRUE(secret_matches(*stored, *parsed, admin.clock.wall_now()));
}

TEST(Keys, WithoutNumbersTheTiersApplyAndWithSomeTheTierFillsTheRest) {
  AdminHarness admin;
  const HttpReply plain = admin.create(R"({"name":"a","tier":"pro"})");
  EXPECT_NE(plain.body.find(R"("tokensPerWindow":1000,"refillRate":100,"maxBurst":1000)"), std::string::npos)
      << plain.body;
  EXPECT_EQ(AdminHarness::text(plain, "limitSource"), "tier");
  const HttpReply some = admin.create(R"({"name":"a","tier":"pro","maxBurst":7})");
  EXPECT_NE(some.body.find(R"("tokensPerWindow":1000,"refillRate":100,"maxBurst":7)"), std::string::npos) << some.body;
  EXPECT_EQ(AdminHarness::text(admin.create(R"({"name":"a"})"), "tier"), "free");
}

TEST(Keys, TheSecretIsShownOnceAndIsInNoLogAndNoStore) {
  ::testing::internal::CaptureStderr();
  std::string secret;
  std::string api_key;
  {
    AdminHarness admin;
    const HttpReply made = admin.create();
    api_key = AdminHarness::text(made, "apiKey");
    secret = std::string(core::parse_api_key(api_key)->secret);
    const std::vector<HttpReply> later{
        admin.send("GET", path(made)),
        admin.send("GET", "/api/admin/keys"),
        admin.send("GET", "/api/admin/keys/" + api_key),
        admin.send("PUT", "/api/admin/keys/" + api_key, R"({"maxBurst":5})"),
        admin.send("POST", "/api/admin/keys/" + api_key + "/disable"),
        admin.send("GET", "/api/admin/keys/" + api_key + "/state"),
        admin.send("POST", "/api/admin/keys/lookup", R"({"apiKey":")" + api_key + R"("})"),
        admin.send("POST", "/api/admin/keys/verify", R"({"apiKey":")" + api_key + R"("})"),
        admin.send("POST", "/api/admin/keys/lookup", R"({"apiKey":")" + api_key + R"(","x":1})"),
        admin.send("DELETE", "/api/admin/keys/" + api_key + "x"),
    };
    for (const HttpReply& reply : later) {
      EXPECT_EQ(reply.body.find(secret), std::string::npos) << reply.body;
      for (const auto& [name, value] : reply.headers) EXPECT_EQ(value.find(secret), std::string::npos) << name;
    }
    const auto changes = admin.keys.changes_since(0, 100);
    ASSERT_EQ(changes->upserted.size(), 1u);
    for (const core::KeySecret& stored : changes->upserted[0].secrets) {
      EXPECT_EQ(secret.find(std::string(stored.hash.begin(), stored.hash.end())), std::string::npos);
    }
    admin.keys.break_down(true);
    EXPECT_EQ(admin.send("GET", "/api/admin/keys/" + api_key).status, 503);
  }
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("key_created"), std::string::npos);
  EXPECT_EQ(log.find(secret), std::string::npos) << log;
  EXPECT_EQ(log.find(api_key), std::string::npos) << log;
}

TEST(Keys, ARepeatedCreationMakesNoSecondKeyAndSaysWhyTheSecretIsNotShown) {
  AdminHarness admin;
  const testing::Headers once{{"Idempotency-Key", "order-17"}};
  const HttpReply first = admin.send("POST", "/api/admin/keys", R"({"name":"a"})", once);
  ASSERT_EQ(first.status, 201);
  EXPECT_FALSE(first.has("Idempotency-Replayed"));
  const HttpReply second = admin.send("POST", "/api/admin/keys", R"({"name":"a"})", once);
  ASSERT_EQ(second.status, 200) << second.body;
  EXPECT_EQ(second.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(AdminHarness::text(second, "id"), AdminHarness::text(first, "id"));
  EXPECT_EQ(second.header("ETag"), first.header("ETag"));
  EXPECT_NE(second.body.find(R"("apiKey":null)"), std::string::npos) << second.body;
  EXPECT_NE(AdminHarness::text(second, "notice").find("rotate"), std::string::npos) << second.body;
  EXPECT_EQ(admin.keys.changes_since(0, 100)->upserted.size(), 1u);
  EXPECT_EQ(admin.changes, 1) << "nothing has changed the second time";
}

TEST(Keys, AnIdempotencyKeyIsGoodForOneDocumentOfOneCallerForADay) {
  AdminHarness admin;
  admin.put_user("olga", "operator");
  const auto create = [&](const std::string& token, const std::string& body) {
    return admin.call({.method = "POST",
                       .target = "/api/admin/keys",
                       .headers = {{"Idempotency-Key", "order-17"},
                                   {"Content-Type", "application/json"},
                                   {"Authorization", "Bearer " + token}},
                       .body = body});
  };
  EXPECT_EQ(create(admin.token(), R"({"name":"a"})").status, 201);
  const HttpReply other = create(admin.token(), R"({"name":"b"})");
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(AdminHarness::text(other, "code"), "conflict");
  EXPECT_EQ(create(admin.token("olga"), R"({"name":"a"})").status, 201) << "another caller, another key";
  admin.clock.advance(Seconds(24 * 60 * 60));
  EXPECT_EQ(create(admin.token(), R"({"name":"a"})").status, 201) << "a day later nobody remembers";
}

TEST(Keys, ARepeatedCreationOfAKeyThatIsGoneMakesNoOther) {
  AdminHarness admin;
  const testing::Headers once{{"Idempotency-Key", "k"}};
  const HttpReply made = admin.send("POST", "/api/admin/keys", R"({"name":"a"})", once);
  EXPECT_EQ(admin.send("DELETE", path(made)).status, 204);
  EXPECT_EQ(admin.send("POST", "/api/admin/keys", R"({"name":"a"})", once).status, 409);
  EXPECT_EQ(admin.keys.changes_since(0, 100)->upserted.size(), 0u);
}

TEST(Keys, ARefusedCreationDoesNotUseUpItsIdempotencyKey) {
  AdminHarness admin;
  const testing::Headers once{{"Idempotency-Key", "k"}};
  EXPECT_EQ(admin.send("POST", "/api/admin/keys", R"({"name":"a","tier":"nosuch"})", once).status, 404);
  EXPECT_EQ(admin.send("POST", "/api/admin/keys", R"({"name":"a"})", once).status, 201);
}

TEST(Keys, ListsPageByPageAndFilters) {
  AdminHarness admin;
  for (int i = 0; i < 5; ++i)
    admin.create(str::cat(R"({"name":"key )", i, R"(","tier":")", i == 0 ? "pro" : "free", "\"}"));
  std::set<std::string> seen;
  std::string cursor;
  for (int page = 0; page < 3; ++page) {
    const HttpReply reply = admin.send("GET", "/api/admin/keys?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(reply.status, 200) << reply.body;
    const codec::JsonValue document = AdminHarness::json(reply);
    for (const codec::JsonValue& key : *document.find("data")->array())
      seen.insert(*key.find("id")->get_if<std::string>());
    EXPECT_EQ(document.find("nextCursor")->is_null(), page == 2);
    cursor = AdminHarness::text(reply, "nextCursor");
  }
  EXPECT_EQ(seen.size(), 5u);
  EXPECT_EQ(AdminHarness::json(admin.send("GET", "/api/admin/keys?tier=PRO")).find("data")->array()->size(), 1u);
  EXPECT_EQ(AdminHarness::json(admin.send("GET", "/api/admin/keys?search=key+3")).find("data")->array()->size(), 1u);
  EXPECT_EQ(AdminHarness::json(admin.send("GET", "/api/admin/keys?status=disabled")).find("data")->array()->size(), 0u);
  for (const char* bad : {"limit=0", "limit=1001", "limit=x", "status=paused", "teir=pro", "limit=1&limit=2"}) {
    EXPECT_EQ(admin.send("GET", str::cat("/api/admin/keys?", bad)).status, 400) << bad;
  }
}

TEST(Keys, PutReplacesTheNumbersAndKeepsNameAndTier) {
  AdminHarness admin;
  const HttpReply made =
      admin.create(R"({"name":"Acme","tier":"pro","maxBurst":7,"expiresAt":"2027-01-01T00:00:00Z"})");
  HttpReply put = admin.send("PUT", path(made), R"({"tokensPerWindow":5,"refillRate":1,"maxBurst":5})");
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(AdminHarness::text(put, "name"), "Acme");
  EXPECT_EQ(AdminHarness::text(put, "tier"), "pro");
  EXPECT_NE(put.body.find(R"("tokensPerWindow":5,"refillRate":1,"maxBurst":5,"expiresAt":null)"), std::string::npos)
      << put.body;
  put = admin.send("PUT", path(made), R"({"tier":"free"})");
  EXPECT_EQ(AdminHarness::text(put, "limitSource"), "tier");
  EXPECT_NE(put.body.find(R"("tokensPerWindow":100,"refillRate":10,"maxBurst":100)"), std::string::npos) << put.body;
  EXPECT_EQ(admin.changes, 3);
  EXPECT_EQ(admin.send("PUT", path(made), R"({"tier":"nosuch"})").status, 404);
}

TEST(Keys, PatchChangesWhatItNamesAndNullRemoves) {
  AdminHarness admin;
  const HttpReply made =
      admin.create(R"({"name":"Acme","tier":"pro","maxBurst":7,"expiresAt":"2027-01-01T00:00:00Z"})");
  HttpReply patched = admin.send("PATCH", path(made), R"({"name":"Other","refillRate":2.25})");
  ASSERT_EQ(patched.status, 200) << patched.body;
  EXPECT_EQ(AdminHarness::text(patched, "name"), "Other");
  EXPECT_NE(patched.body.find(R"("tokensPerWindow":1000,"refillRate":2.25,"maxBurst":7,"expiresAt":"2027)"),
            std::string::npos)
      << patched.body;
  patched = admin.send("PATCH", path(made), R"({"consumer":"Acme"})");
  EXPECT_EQ(AdminHarness::text(patched, "consumer"), "Acme");
  patched = admin.send("PATCH", path(made), R"({"consumer":null})");
  EXPECT_NE(patched.body.find(R"("consumer":null)"), std::string::npos) << patched.body;
  patched = admin.send("PATCH", path(made), R"({"maxBurst":null,"expiresAt":null,"status":"disabled"})");
  EXPECT_NE(patched.body.find(R"("refillRate":2.25,"maxBurst":1000,"expiresAt":null)"), std::string::npos)
      << patched.body;
  EXPECT_EQ(AdminHarness::text(patched, "status"), "disabled");
  patched = admin.send("PATCH", path(made), R"({"tokensPerWindow":null,"refillRate":null,"maxBurst":null})");
  EXPECT_EQ(AdminHarness::text(patched, "limitSource"), "tier");
  EXPECT_EQ(admin.send("PATCH", path(made), R"({"name":null})").status, 400);
}

TEST(Keys, WritesWithAnOldETagAre412AndChangeNothing) {
  AdminHarness admin;
  const HttpReply made = admin.create();
  const std::string old = made.header("ETag");
  const HttpReply put = admin.send("PUT", path(made), R"({"maxBurst":5})", {{"If-Match", old}});
  ASSERT_EQ(put.status, 200);
  EXPECT_NE(put.header("ETag"), old);
  const std::uint64_t revision = admin.keys.revision();
  for (const std::string& stale :
       {old, std::string("\"999\""), std::string("W/") + put.header("ETag"), std::string("x"), std::string("\"x\"")}) {
    EXPECT_EQ(admin.send("PUT", path(made), R"({"maxBurst":6})", {{"If-Match", stale}}).status, 412) << stale;
    EXPECT_EQ(admin.send("PATCH", path(made), R"({"maxBurst":6})", {{"If-Match", stale}}).status, 412) << stale;
    EXPECT_EQ(admin.send("DELETE", path(made), {}, {{"If-Match", stale}}).status, 412) << stale;
    EXPECT_EQ(admin.send("POST", path(made, "/rotate"), {}, {{"If-Match", stale}}).status, 412) << stale;
    EXPECT_EQ(admin.send("POST", path(made, "/disable"), {}, {{"If-Match", stale}}).status, 412) << stale;
  }
  EXPECT_EQ(admin.keys.revision(), revision);
  EXPECT_EQ(admin.send("DELETE", path(made), {}, {{"If-Match", put.header("ETag")}}).status, 204);
  EXPECT_EQ(admin.send("GET", path(made)).status, 404);
}

TEST(Keys, RotationKeepsTheOldSecretForItsGraceAndNoLonger) {
  AdminHarness admin;
  const HttpReply made = admin.create();
  const std::string old_key = AdminHarness::text(made, "apiKey");
  const HttpReply rotated = admin.send("POST", path(made, "/rotate"), R"({"graceSeconds":60})");
  ASSERT_EQ(rotated.status, 200) << rotated.body;
  const std::string new_key = AdminHarness::text(rotated, "apiKey");
  EXPECT_NE(new_key, old_key);
  EXPECT_EQ(AdminHarness::text(rotated, "id"), AdminHarness::text(made, "id"));
  const auto valid = [&](const std::string& key) {
    const codec::JsonValue answer =
        AdminHarness::json(admin.send("POST", "/api/admin/keys/verify", R"({"apiKey":")" + key + R"("})"));
    return *answer.find("valid")->get_if<bool>();
  };
  EXPECT_TRUE(valid(old_key));
  EXPECT_TRUE(valid(new_key));
  admin.clock.advance(Seconds(60));
  EXPECT_FALSE(valid(old_key));
  EXPECT_TRUE(valid(new_key));
  // At most two secrets at once; without grace the old one ends now.
  ASSERT_EQ(admin.send("POST", path(made, "/rotate"), R"({"graceSeconds":0})").status, 200);
  EXPECT_FALSE(valid(new_key));
  EXPECT_EQ(admin.keys.get(*core::KeyId::parse(AdminHarness::text(made, "id")))->secrets.size(), 1u);
  EXPECT_EQ(admin.send("POST", path(made, "/rotate"), R"({"graceSeconds":604801})").status, 400);
}

TEST(Keys, VerifySaysWhyAKeyIsRefused) {
  AdminHarness admin;
  const HttpReply made = admin.create(R"({"name":"a","expiresAt":"2026-12-01T00:00:00Z"})");
  const std::string key = AdminHarness::text(made, "apiKey");
  const auto reason = [&](const std::string& text) {
    return AdminHarness::text(admin.send("POST", "/api/admin/keys/verify", R"({"apiKey":")" + text + R"("})"),
                              "reason");
  };
  EXPECT_EQ(reason(key), "");
  EXPECT_EQ(reason("tg_live_x"), "malformed");
  EXPECT_EQ(reason(new_key_secret(*core::KeyId::parse(AdminHarness::text(made, "id"))).api_key), "unknown");
  EXPECT_EQ(reason(new_key_secret(new_key_id()).api_key), "unknown");
  admin.send("POST", path(made, "/disable"));
  EXPECT_EQ(reason(key), "disabled");
  admin.send("POST", path(made, "/enable"));
  admin.send("PATCH", path(made), R"({"expiresAt":"2026-01-01T00:00:00Z"})");
  EXPECT_EQ(reason(key), "expired");
}

TEST(Keys, AFullKeyWithAnotherSecretNamesNoKey) {
  AdminHarness admin;
  const HttpReply made = admin.create();
  const std::string forged = new_key_secret(*core::KeyId::parse(AdminHarness::text(made, "id"))).api_key;
  EXPECT_EQ(admin.send("GET", "/api/admin/keys/" + forged).status, 404);
  EXPECT_EQ(admin.send("DELETE", "/api/admin/keys/" + forged).status, 404);
  EXPECT_EQ(admin.send("GET", "/api/admin/keys/" + AdminHarness::text(made, "apiKey")).status, 200);
  for (const char* nothing : {"x", "..%2f..%2fetc", "0123456789"}) {
    EXPECT_EQ(admin.send("GET", str::cat("/api/admin/keys/", nothing)).status, 404) << nothing;
  }
}

}  // namespace
}  // namespace tollgate::services
