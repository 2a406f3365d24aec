#include "services/limiter/limiter_service.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/str.h"
#include "codec/json/parse.h"
#include "codec/limits/apply_protocol.h"
#include "crypto/sha256.h"
#include "http/server.h"
#include "http/service_endpoints.h"
#include "tests/support/http_client.h"
#include "tests/support/simple_limit_store.h"

namespace tollgate::services {
namespace {

using tollgate::testing::HttpClient;
using tollgate::testing::HttpReply;

const core::TokenBucket kFive =
    *core::TokenBucket::make({.refill_micro = 500'000, .max_burst = 5, .tokens_per_window = 5});
const core::TokenBucket kThree =
    *core::TokenBucket::make({.refill_micro = 1'000'000, .max_burst = 3, .tokens_per_window = 3});
constexpr std::string_view kId = "Ab3dEf6hIj";

// One key, kId, with the rule kFive.
class OneKey final : public ports::KeyDirectory {
 public:
  OneKey() {
    entry.id = *core::KeyId::parse(kId);
    entry.secrets[0] = crypto::sha256(secret);
    entry.bucket = {.low = 1, .high = 2};
    entry.rule = &kFive;
  }
  const ports::KeyEntry* find(core::KeyId id) const override { return loaded && id == entry.id ? &entry : nullptr; }
  bool ready() const override { return loaded; }
  Nanos staleness(MonoTime) const override { return Nanos{0}; }
  std::size_t size() const override { return loaded ? 1 : 0; }
  std::uint32_t generation() const override { return 0; }

  std::string text_with(const std::string& some_secret) const {
    return core::format_api_key({.prefix = "tg", .env = "live", .id = kId, .secret = some_secret});
  }

  const std::string secret = std::string(43, 's');
  ports::KeyEntry entry;
  bool loaded = true;
};

class Limiter : public ::testing::Test {
 protected:
  Limiter() {
    server_ = *http::Server::start({&thread_}, service_.router(),
                                   {.address = {.ip = IpAddress::v4({127, 0, 0, 1})}, .timeouts = {}});
  }
  HttpReply post(const std::string& path, const std::string& body) {
    return HttpClient(server_->address()).post(path, body, {{"Authorization", "Bearer asker"}});
  }
  HttpReply post_internal(const std::string& path, const std::string& body) {
    return HttpClient(server_->address()).post(path, body, {{"Authorization", "Bearer gateway"}});
  }
  HttpReply get(const std::string& path) {
    return HttpClient(server_->address()).get(path, {{"Authorization", "Bearer asker"}});
  }
  HttpReply check(const std::string& body) { return post("/api/limiter/check", body); }
  static std::string key_body(std::string_view key, std::uint64_t cost = 1) {
    return str::cat(R"({"key":")", key, R"(","cost":)", cost, "}");
  }
  static codec::JsonValue parsed(const HttpReply& reply) {
    auto document = codec::parse_json(reply.body);
    return document ? *std::move(document) : codec::JsonValue{};
  }
  static bool allowed(const HttpReply& reply) {
    EXPECT_EQ(reply.status, 200) << reply.body;
    const codec::JsonValue document = parsed(reply);
    const codec::JsonValue* flag = document.find("allowed");
    return flag != nullptr && *flag->get_if<bool>();
  }
  static std::string limits(const HttpReply& reply) {
    return reply.body.substr(std::min(reply.body.find("\"limits\""), reply.body.size()));
  }
  static std::string pointer(const HttpReply& reply) {
    const codec::JsonValue document = parsed(reply);
    const codec::JsonValue* errors = document.find("errors");
    return errors == nullptr ? "none" : *errors->array()->at(0).find("pointer")->get_if<std::string>();
  }

  ManualClock clock_;
  tollgate::testing::SimpleLimitStore store_{clock_};
  OneKey keys_;
  LimiterService service_{store_,
                          keys_,
                          clock_,
                          {.guard = http::service_token_guard("asker"),
                           .internal_guard = http::service_token_guard("gateway"),
                           .default_rule = kThree,
                           .bucket_seed = 42}};
  runtime::LoopThread thread_{"test"};
  std::unique_ptr<http::Server> server_;
};

TEST_F(Limiter, CountsAKeyUnderItsOwnLimit) {
  HttpReply reply = check(key_body(kId, 3));
  EXPECT_TRUE(allowed(reply));
  EXPECT_EQ(limits(reply), R"("limits":[{"name":"key","limit":5,"remaining":2,"resetMs":6000,"retryAfterMs":0}]})");
  reply = check(key_body(kId, 3));
  EXPECT_FALSE(allowed(reply));
  EXPECT_EQ(limits(reply), R"("limits":[{"name":"key","limit":5,"remaining":2,"resetMs":2000,"retryAfterMs":2000}]})");
  clock_.advance(Seconds(2));
  EXPECT_TRUE(allowed(check(key_body(kId, 3))));
}

TEST_F(Limiter, TakesAWholeKeyForTheKeyButNotAMadeUpOne) {
  EXPECT_TRUE(allowed(check(key_body(keys_.text_with(keys_.secret), 5))));
  EXPECT_FALSE(allowed(check(key_body(kId))));
  const HttpReply stranger = check(key_body(keys_.text_with(std::string(43, 'x'))));
  EXPECT_TRUE(allowed(stranger));
  EXPECT_NE(stranger.body.find(R"("name":"default","limit":3,"remaining":2)"), std::string::npos) << stranger.body;
}

TEST_F(Limiter, CountsAnyOtherTextByItselfUnderTheDefaultLimit) {
  EXPECT_TRUE(allowed(check(key_body("user:1", 3))));
  EXPECT_FALSE(allowed(check(key_body("user:1"))));
  EXPECT_TRUE(allowed(check(key_body("user:2", 3))));
}

TEST_F(Limiter, DoesNotTakeAKnownKeyForAStrangerWhileKeysAreNotLoaded) {
  keys_.loaded = false;
  EXPECT_EQ(check(key_body(kId)).status, 503);
  EXPECT_EQ(check(key_body(keys_.text_with(keys_.secret))).status, 503);
  EXPECT_TRUE(allowed(check(key_body("user:1"))));
}

TEST_F(Limiter, RoundsWaitsUpToTheNextMillisecond) {
  check(key_body(kId, 5));
  clock_.advance(Nanos(1));
  EXPECT_EQ(limits(check(key_body(kId))),
            R"("limits":[{"name":"key","limit":5,"remaining":0,"resetMs":2000,"retryAfterMs":2000}]})");
}

TEST_F(Limiter, PeekingConsumesNothing) {
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(allowed(check(R"({"key":"user:1","cost":3,"peek":true})")));
  EXPECT_TRUE(allowed(check(key_body("user:1", 3))));
}

std::string stated(std::string_view name, std::string_view key, std::uint64_t tokens) {
  return str::cat(R"({"name":")", name, R"(","key":")", key, R"(","tokensPerWindow":)", tokens,
                  R"(,"refillRate":0.5})");
}

std::string stated_body(std::initializer_list<std::string> limits, std::uint64_t cost) {
  std::string body = R"({"limits":[)";
  for (const std::string& limit : limits) str::append(body, body.back() == '[' ? "" : ",", limit);
  return str::cat(body, R"(],"cost":)", cost, "}");
}

TEST_F(Limiter, AskedForSeveralLimitsTakesFromAllOrNone) {
  const std::string wide = stated("wide", "u", 10);
  const std::string narrow = stated("narrow", "u", 2);
  EXPECT_FALSE(allowed(check(stated_body({wide, narrow}, 3))));
  const HttpReply reply = check(stated_body({wide, narrow}, 2));
  EXPECT_TRUE(allowed(reply));
  EXPECT_EQ(limits(reply), R"("limits":[{"name":"wide","limit":10,"remaining":8,"resetMs":4000,"retryAfterMs":0},)"
                           R"({"name":"narrow","limit":2,"remaining":0,"resetMs":4000,"retryAfterMs":0}]})");
}

TEST_F(Limiter, KeepsStatedLimitsOfAnotherNameKeyOrNumberApart) {
  EXPECT_TRUE(allowed(check(stated_body({stated("a", "bc", 4)}, 4))));
  EXPECT_FALSE(allowed(check(stated_body({stated("a", "bc", 4)}, 4))));
  EXPECT_TRUE(allowed(check(stated_body({stated("ab", "c", 4)}, 4))));
  EXPECT_TRUE(allowed(check(stated_body({stated("a", "bd", 4)}, 4))));
  EXPECT_TRUE(allowed(check(stated_body({stated("a", "bc", 5)}, 5))));
}

TEST_F(Limiter, SaysThatACostIsMoreThanALimitCanEverHold) {
  HttpReply reply = check(key_body(kId, 6));
  EXPECT_FALSE(allowed(reply));
  EXPECT_NE(reply.body.find(R"("retryAfterMs":null)"), std::string::npos) << reply.body;
  reply = post("/api/limiter/check?status=true", key_body(kId, 6));
  EXPECT_EQ(reply.status, 429);
  EXPECT_FALSE(reply.has("Retry-After"));
  EXPECT_NE(reply.body.find(R"("code":"cost_exceeds_limit")"), std::string::npos);
}

TEST_F(Limiter, AnswersWithTheStatusWhenAskedTo) {
  HttpReply reply = post("/api/limiter/check?status=true", key_body(kId, 4));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("RateLimit-Policy"), R"("key";q=5;w=10)");
  EXPECT_EQ(reply.header("RateLimit"), R"("key";r=1;t=8)");
  EXPECT_EQ(reply.header("X-RateLimit-Remaining"), "1");
  clock_.advance(Millis(500));
  reply = post("/api/limiter/check?status=true", key_body(kId, 2));
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(reply.header("Retry-After"), "2");  // 1.5 s, rounded up
  EXPECT_EQ(reply.header("RateLimit"), R"("key";r=1;t=2)");
  EXPECT_EQ(reply.header("Content-Type"), "application/problem+json");
  const codec::JsonValue document = parsed(reply);
  EXPECT_EQ(*document.find("type")->get_if<std::string>(),
            "https://iana.org/assignments/http-problem-types#quota-exceeded");
  EXPECT_EQ(*document.find("code")->get_if<std::string>(), "rate_limited");
  EXPECT_EQ(*document.find("violated-policies")->array()->at(0).get_if<std::string>(), "key");
  EXPECT_EQ(document.find("decisionId")->get_if<std::string>()->size(), 16u);
  EXPECT_EQ(post("/api/limiter/check?status=yes", key_body(kId)).status, 400);
}

TEST_F(Limiter, SaysWhereARequestIsWrong) {
  EXPECT_EQ(pointer(check("{}")), "/key");
  EXPECT_EQ(pointer(check(R"({"key":7})")), "/key");
  EXPECT_EQ(pointer(check(R"({"key":""})")), "/key");
  EXPECT_EQ(pointer(check(str::cat(R"({"key":")", std::string(257, 'k'), "\"}"))), "/key");
  EXPECT_EQ(pointer(check(R"({"key":"a","cost":-1})")), "/cost");
  EXPECT_EQ(pointer(check(R"({"key":"a","cost":1.5})")), "/cost");
  EXPECT_EQ(pointer(check(R"({"key":"a","cost":18446744073709551616})")), "/cost");
  EXPECT_EQ(pointer(check(R"({"key":"a","peek":"yes"})")), "/peek");
  EXPECT_EQ(pointer(check(R"({"key":"a","kost":1})")), "/kost");
  EXPECT_EQ(pointer(check(R"({"limits":[]})")), "/limits");
  EXPECT_EQ(pointer(check(R"({"key":"a","limits":[]})")), "/limits");
  EXPECT_EQ(pointer(check(stated_body({stated("a", "k", 1), stated("a", "k", 1)}, 1))), "/limits/1/name");
  EXPECT_EQ(pointer(check(stated_body({stated("A", "k", 1)}, 1))), "/limits/0/name");
  EXPECT_EQ(pointer(check(stated_body({stated("a", "k", 0)}, 1))), "/limits/0/tokensPerWindow");
  EXPECT_EQ(pointer(check(R"({"limits":[{"name":"a","key":"k","tokensPerWindow":1,"refillRate":0.0000015}]})")),
            "/limits/0/refillRate");
  for (const auto* body : {"", "null", "[1]", "{\"key\":\"a\"", R"({"key":"a","key":"b"})"})
    EXPECT_EQ(check(body).status, 400) << body;
}

TEST_F(Limiter, DecidesEachOfABatchByItself) {
  const HttpReply reply = post("/api/limiter/check/batch", str::cat(R"({"checks":[)", key_body("u", 2), ",",
                                                                    key_body("u", 2), ",", key_body("v"), "]}"));
  EXPECT_EQ(reply.status, 200);
  const codec::JsonValue document = parsed(reply);
  const codec::JsonArray& results = *document.find("results")->array();
  ASSERT_EQ(results.size(), 3u);
  EXPECT_TRUE(*results[0].find("allowed")->get_if<bool>());
  EXPECT_FALSE(*results[1].find("allowed")->get_if<bool>());
  EXPECT_TRUE(*results[2].find("allowed")->get_if<bool>());
  EXPECT_NE(*results[0].find("decisionId")->get_if<std::string>(),
            *results[1].find("decisionId")->get_if<std::string>());
}

TEST_F(Limiter, AFaultInABatchChangesNothing) {
  const HttpReply reply =
      post("/api/limiter/check/batch", str::cat(R"({"checks":[)", key_body("u", 3), R"(,{"key":3}]})"));
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(pointer(reply), "/checks/1/key");
  EXPECT_TRUE(allowed(check(key_body("u", 3))));
}

TEST_F(Limiter, TakesAThousandChecksAndNotOneMore) {
  std::string body = R"({"checks":[)" + key_body("u", 0);
  for (int i = 1; i < 1000; ++i) body += "," + key_body("u", 0);
  EXPECT_EQ(post("/api/limiter/check/batch", body + "]}").status, 200);
  EXPECT_EQ(post("/api/limiter/check/batch", body + "," + key_body("u", 0) + "]}").status, 400);
}

TEST_F(Limiter, ShowsAKeysBucketWithoutTakingFromIt) {
  check(key_body(kId, 2));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(get(str::cat("/api/limiter/buckets/", kId)).body,
              R"({"key":"Ab3dEf6hIj","name":"key","level":3,"limit":5,"refillRate":0.5,"maxBurst":5,"resetMs":4000})");
  }
  EXPECT_EQ(get("/api/limiter/buckets/" + keys_.text_with(keys_.secret)).status, 200);
  EXPECT_EQ(get("/api/limiter/buckets/" + keys_.text_with(std::string(43, 'x'))).status, 404);
  EXPECT_EQ(get("/api/limiter/buckets/zzzzzzzzzz").status, 404);
  EXPECT_EQ(get("/api/limiter/buckets/user:1").status, 404);
}

TEST_F(Limiter, SaysSoWhenTheStoreCannotDecide) {
  store_.set_down(true);
  const HttpReply reply = check(key_body(kId));
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body.find("switched"), std::string::npos);
  EXPECT_EQ(get(str::cat("/api/limiter/buckets/", kId)).status, 503);
  const HttpReply batch = post("/api/limiter/check/batch", str::cat(R"({"checks":[)", key_body("u"), "]}"));
  EXPECT_EQ(batch.status, 200);
  EXPECT_NE(batch.body.find(R"({"error":{"code":"limiter_unavailable")"), std::string::npos) << batch.body;
}

TEST_F(Limiter, LetsNobodyInWithoutTheRightToken) {
  for (const auto* path :
       {"/api/limiter/check", "/api/limiter/check/batch", "/api/limiter/apply", "/api/limiter/migrate"}) {
    EXPECT_EQ(HttpClient(server_->address()).post(path, key_body(kId)).status, 401) << path;
  }
  for (const auto* path : {"/api/limiter/apply", "/api/limiter/read", "/api/limiter/reset", "/api/limiter/migrate"}) {
    EXPECT_EQ(post(path, "{}").status, 401) << path;
  }
  EXPECT_EQ(get("/api/limiter/seed").status, 401);
}

core::LimitCheck stored_check(const core::TokenBucket& rule, std::uint64_t bucket, std::uint64_t cost) {
  return {.rule = &rule, .bucket = {.low = bucket, .high = 0}, .cost = cost};
}

TEST_F(Limiter, AnswersAGatewayExactlyAsTheStoreWould) {
  const core::LimitCheck take[] = {stored_check(kFive, 7, 4), stored_check(kThree, 8, 1)};
  const codec::ApplyGroup groups[] = {{.checks = take, .peek = true}, {.checks = take}, {.checks = take}};
  const HttpReply reply = post_internal("/api/limiter/apply", codec::encode_apply(groups));
  ASSERT_EQ(reply.status, 200) << reply.body;
  const auto outcomes = codec::decode_outcomes(reply.body, groups);
  ASSERT_TRUE(outcomes) << outcomes.error().to_string();
  EXPECT_TRUE(outcomes->at(0)->allowed);
  EXPECT_TRUE(outcomes->at(1)->allowed);
  EXPECT_EQ(outcomes->at(1)->answers[0].remaining, 1u);
  EXPECT_FALSE(outcomes->at(2)->allowed);
  EXPECT_EQ(outcomes->at(2)->refused_by, 0);
  EXPECT_EQ(outcomes->at(2)->answers[0].retry_after, Seconds(6));
  EXPECT_EQ(outcomes->at(2)->answers[1].level_before, 2u);
}

TEST_F(Limiter, ReadsResetsAndMigratesForAGateway) {
  const core::LimitCheck five = stored_check(kFive, 7, 4);
  const core::LimitCheck three = stored_check(kThree, 8, 0);
  const codec::ApplyGroup group[] = {{.checks = std::span(&five, 1)}};
  ASSERT_EQ(post_internal("/api/limiter/apply", codec::encode_apply(group)).status, 200);
  EXPECT_EQ(codec::decode_answer(post_internal("/api/limiter/read", codec::encode_check(five)).body)->remaining, 1u);
  EXPECT_EQ(post_internal("/api/limiter/migrate", codec::encode_migration(five, three)).status, 204);
  EXPECT_EQ(codec::decode_answer(post_internal("/api/limiter/read", codec::encode_check(three)).body)->remaining, 1u);
  const auto late = codec::decode_outcomes(post_internal("/api/limiter/apply", codec::encode_apply(group)).body, group);
  EXPECT_TRUE(late->at(0)->retired);
  EXPECT_EQ(post_internal("/api/limiter/reset", codec::encode_check(three)).status, 204);
  EXPECT_EQ(codec::decode_answer(post_internal("/api/limiter/read", codec::encode_check(three)).body)->remaining, 3u);
  EXPECT_EQ(post_internal("/api/limiter/apply", R"({"groups":[{}]})").status, 400);
}

TEST_F(Limiter, TellsGatewaysTheSeedOfItsBuckets) {
  const HttpReply reply =
      HttpClient(server_->address()).get("/api/limiter/seed", {{"Authorization", "Bearer gateway"}});
  EXPECT_EQ(reply.body, codec::encode_seed(42));
}

// The key's entry was read, then its numbers changed: the limiter must not refuse but look again.
TEST_F(Limiter, GivesUpPolitelyOnAKeyWhoseBucketHasMovedOn) {
  const core::LimitCheck from{.rule = &kFive, .bucket = keys_.entry.bucket};
  const core::LimitCheck to{.rule = &kThree, .bucket = {.low = 9, .high = 9}};
  ASSERT_EQ(post_internal("/api/limiter/migrate", codec::encode_migration(from, to)).status, 204);
  EXPECT_EQ(check(key_body(kId)).status, 503);  // the directory never learns of it here
  keys_.entry.bucket = to.bucket;
  keys_.entry.rule = &kThree;
  EXPECT_TRUE(allowed(check(key_body(kId, 3))));
}

}  // namespace
}  // namespace tollgate::services
