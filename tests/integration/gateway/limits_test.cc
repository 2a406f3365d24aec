// Who may pass, how often, and what they are told when they may not.
#include <gtest/gtest.h>

#include "base/str.h"
#include "tests/support/gateway_harness.h"

namespace tollgate::testing {
namespace {

core::LimitRule limit(std::string name, std::uint64_t tokens, core::LimitScope scope) {
  return {.name = std::move(name),
          .bucket = {.refill_micro = 300'000, .max_burst = tokens, .tokens_per_window = tokens},
          .scope = scope};
}

class GatewayLimits : public ::testing::Test {
 protected:
  std::unique_ptr<GatewayHarness> start(config::GatewayConfig config) {
    return std::make_unique<GatewayHarness>(GatewayOptions{.config = std::move(config), .upstream = upstream_.port()});
  }
  RecordingUpstream upstream_{RecordingUpstream::always(ok_answer("x"))};
};

bool says(const HttpReply& reply, std::string_view code) {
  return reply.body.find(str::cat("\"code\":\"", code, "\"")) != std::string::npos;
}

TEST_F(GatewayLimits, OnlyAValidKeyPasses) {
  config::GatewayConfig config;
  config.routes = {keyed_route("keyed", "/**")};
  const auto gateway = start(config);
  const TestKey good = gateway->keys.add("AAAAAAAAA1");
  const TestKey off = gateway->keys.add(
      "AAAAAAAAA2",
      {.limit = {.refill_micro = 1, .max_burst = 1, .tokens_per_window = 1}, .state = core::KeyState::disabled});
  const TestKey old = gateway->keys.add("AAAAAAAAA3", {.expires_at = WallTime(Seconds(1'000'000'000))});
  const std::string unknown =
      core::format_api_key({.prefix = "tg", .env = "test", .id = "AAAAAAAAA9", .secret = good.secret});
  const std::string wrong =
      core::format_api_key({.prefix = "tg", .env = "test", .id = "AAAAAAAAA1", .secret = off.secret});
  struct Row {
    Headers headers;
    int status;
    const char* code;
  };
  const Row rows[] = {
      {{}, 401, "unauthenticated"},
      {{{"X-API-Key", "nonsense"}}, 401, "unauthenticated"},
      {{{"X-API-Key", unknown}}, 401, "unauthenticated"},
      {{{"X-API-Key", wrong}}, 401, "unauthenticated"},
      {{{"X-API-Key", off.text}}, 401, "key_disabled"},
      {{{"X-API-Key", old.text}}, 401, "key_disabled"},
      {{{"X-API-Key", good.text}, {"Authorization", "Bearer " + good.text}}, 400, "ambiguous_credential"},
  };
  for (const Row& row : rows) {
    const HttpReply reply = gateway->get("/", row.headers);
    EXPECT_EQ(reply.status, row.status) << row.code;
    EXPECT_TRUE(says(reply, row.code)) << reply.body;
    EXPECT_EQ(reply.header("WWW-Authenticate"), row.status == 401 ? "Bearer" : "");
  }
  EXPECT_EQ(upstream_.bytes(), 0U);
  EXPECT_EQ(gateway->get("/", {{"X-API-Key", good.text}}).status, 200);
}

TEST_F(GatewayLimits, KeysThatAdminHasNotConfirmedForTooLongOpenNothingAndAreNotCalledUnknown) {
  config::GatewayConfig config;
  config.routes = {keyed_route("keyed", "/**")};
  const auto gateway = start(config);
  const TestKey good = gateway->keys.add("AAAAAAAAA1");
  const std::string unknown =
      core::format_api_key({.prefix = "tg", .env = "test", .id = "AAAAAAAAA9", .secret = good.secret});
  gateway->keys.set_staleness(config.keys_max_stale);
  EXPECT_EQ(gateway->get("/", {{"X-API-Key", good.text}}).status, 200);
  for (const Nanos staleness : {Nanos(config.keys_max_stale) + Nanos(1), Nanos::max()}) {
    gateway->keys.set_staleness(staleness);
    for (const std::string& key : {good.text, unknown}) {
      const HttpReply reply = gateway->get("/", {{"X-API-Key", key}});
      EXPECT_EQ(reply.status, 503);
      EXPECT_TRUE(says(reply, "store_unavailable"));
    }
    EXPECT_EQ(gateway->get("/", {{"X-API-Key", "nonsense"}}).status, 401);  // that is known
  }
}

TEST_F(GatewayLimits, A429SaysTheSameInItsHeadAndItsBodyAndItsRecord) {
  config::GatewayConfig config;
  config.routes = {keyed_route("keyed", "/**")};
  config.limits = {limit("all", 2, {})};
  const auto gateway = start(config);
  const TestKey key = gateway->keys.add("AAAAAAAAA1");
  const HttpReply first = gateway->get("/", {{"X-API-Key", key.text}});
  EXPECT_EQ(first.header("RateLimit-Policy"), "\"key\";q=100;w=100, \"all\";q=2;w=7");
  EXPECT_EQ(first.header("RateLimit"), "\"key\";r=99;t=1, \"all\";r=1;t=4");
  EXPECT_EQ(first.header("X-RateLimit-Limit"), "2");
  EXPECT_EQ(first.header("X-RateLimit-Remaining"), "1");
  EXPECT_FALSE(first.has("Retry-After"));
  EXPECT_EQ(gateway->get("/", {{"X-API-Key", key.text}}).status, 200);

  const HttpReply refused = gateway->get("/", {{"X-API-Key", key.text}});
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(refused.header("Retry-After"), "4");  // 3⅓ s, never too early
  EXPECT_EQ(refused.header("RateLimit"), "\"key\";r=98;t=2, \"all\";r=0;t=4");
  EXPECT_EQ(refused.header("X-RateLimit-Remaining"), "0");
  const std::string id = refused.header("X-Request-Id");
  EXPECT_NE(
      refused.body.find(str::cat("\"violated-policies\":[\"all\"],\"decisionId\":\"", id, "\",\"retryAfterMs\":3334")),
      std::string::npos)
      << refused.body;
  const core::DecisionRecord record = gateway->log.records().back();
  EXPECT_EQ(record.outcome, core::Outcome::limited);
  EXPECT_EQ(record.refused_by, 1);
  EXPECT_EQ(record.limits, core::name_ref(core::NameKind::limits, "key(key),all()"));
  EXPECT_EQ(record.checks, 2);
  EXPECT_EQ(record.levels_before[0].tokens(), 98U);
  EXPECT_EQ(record.levels_before[1].tokens(), 0U);
  EXPECT_EQ(record.retry_after_ms, 3333U);
  EXPECT_EQ(upstream_.requests().size(), 2U);

  gateway->clock.advance(Millis(3'334));
  EXPECT_EQ(gateway->get("/", {{"X-API-Key", key.text}}).status, 200);
}

TEST_F(GatewayLimits, ARefusalByOneLimitTakesNothingFromTheOthers) {
  config::GatewayConfig config;
  config.routes = {keyed_route("keyed", "/**")};
  config.limits = {limit("tight", 1, {})};
  const auto gateway = start(config);
  const TestKey key = gateway->keys.add("AAAAAAAAA1");
  for (int i = 0; i < 20; ++i) gateway->get("/", {{"X-API-Key", key.text}});
  EXPECT_TRUE(gateway->get("/", {{"X-API-Key", key.text}}).header("RateLimit").starts_with("\"key\";r=99;"));
}

TEST_F(GatewayLimits, MoreThanALimitCanEverHoldIsRefusedWithoutAWait) {
  config::GatewayConfig config;
  config.routes = {open_route("dear", "/**")};
  config.routes[0].cost = 5;
  config.limits = {limit("all", 2, {})};
  const auto gateway = start(config);
  const HttpReply reply = gateway->get("/");
  EXPECT_EQ(reply.status, 429);
  EXPECT_TRUE(says(reply, "cost_exceeds_limit"));
  EXPECT_FALSE(reply.has("Retry-After"));
}

TEST_F(GatewayLimits, AClientsLimitCountsItsAddressOrItsNetwork) {
  config::GatewayConfig config;
  config.limits = {limit("client", 1, {.client_ip = true})};
  config.trusted_proxies.push_back({.address = IpAddress::v4({127, 0, 0, 0}).bytes, .prefix = 104});
  const auto gateway = start(config);
  const auto from = [&](const char* address) { return gateway->get("/", {{"X-Forwarded-For", address}}).status; };
  EXPECT_EQ(from("1.2.3.4"), 200);
  EXPECT_EQ(from("1.2.3.4"), 429);
  EXPECT_EQ(from("1.2.3.5"), 200);
  EXPECT_EQ(from("2001:db8:1:1::1"), 200);
  EXPECT_EQ(from("2001:db8:1:1:ffff::2"), 429);  // the same /64
  EXPECT_EQ(from("2001:db8:1:2::1"), 200);
}

TEST_F(GatewayLimits, AnUntrustedClientCannotChooseItsAddress) {
  config::GatewayConfig config;
  config.limits = {limit("client", 1, {.client_ip = true})};
  const auto gateway = start(config);
  EXPECT_EQ(gateway->get("/", {{"X-Forwarded-For", "1.2.3.4"}}).status, 200);
  EXPECT_EQ(gateway->get("/", {{"X-Forwarded-For", "1.2.3.5"}}).status, 429);
}

TEST_F(GatewayLimits, GuessingKeysIsSlowedDownAndValidKeysAreNot) {
  config::GatewayConfig config;
  config.routes = {keyed_route("keyed", "/**")};
  const auto gateway = start(config);
  const TestKey key = gateway->keys.add("AAAAAAAAA1");
  HttpClient client = gateway->client();
  for (int i = 0; i < 100; ++i) ASSERT_EQ(client.get("/", {{"X-API-Key", "guess"}}).status, 401) << i;
  const HttpReply reply = client.get("/", {{"X-API-Key", "guess"}});
  EXPECT_EQ(reply.status, 429);
  EXPECT_TRUE(says(reply, "auth_throttled"));
  EXPECT_TRUE(reply.has("Retry-After"));
  EXPECT_EQ(client.get("/", {{"X-API-Key", key.text}}).status, 200);
}

TEST_F(GatewayLimits, WhenLimitsCannotBeCheckedNothingPassesAndNothingIsMadeUp) {
  config::GatewayConfig config;
  config.limits = {limit("all", 100, {})};
  const auto gateway = start(config);
  gateway->limits.set_down(true);
  const HttpReply reply = gateway->get("/");
  EXPECT_EQ(reply.status, 503);
  EXPECT_TRUE(says(reply, "limiter_unavailable"));
  EXPECT_TRUE(reply.has("Retry-After"));
  EXPECT_FALSE(reply.has("RateLimit"));
  EXPECT_EQ(upstream_.bytes(), 0U);
  EXPECT_EQ(gateway->log.records().back().outcome, core::Outcome::shed);
  gateway->limits.set_down(false);
  EXPECT_EQ(gateway->get("/").status, 200);
}

TEST_F(GatewayLimits, AShadowLimitRefusesNobodyAndIsNotTold) {
  config::GatewayConfig config;
  config.limits = {limit("shadow", 1, {})};
  config.limits[0].mode = core::LimitMode::shadow;
  const auto gateway = start(config);
  for (int i = 0; i < 3; ++i) {
    const HttpReply reply = gateway->get("/");
    EXPECT_EQ(reply.status, 200);
    EXPECT_FALSE(reply.has("RateLimit"));
  }
}

TEST_F(GatewayLimits, UnknownPathsAre404AndOtherMethods405) {
  config::GatewayConfig config;
  config.routes = {open_route("only", "/only")};
  config.routes[0].methods = core::kGet | core::kPut;
  const auto gateway = start(config);
  EXPECT_EQ(gateway->get("/other").status, 404);
  const HttpReply reply = gateway->call({.method = "DELETE", .target = "/only"});
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.header("Allow"), "GET, HEAD, PUT");
  EXPECT_EQ(upstream_.bytes(), 0U);
}

// --- records

TEST_F(GatewayLimits, EveryRequestLeavesOneRecordBeforeItsAnswerEnds) {
  config::GatewayConfig config;
  config.routes = {open_route("open", "/open"), keyed_route("keyed", "/keyed")};
  const auto gateway = start(config);
  const TestKey key = gateway->keys.add("AAAAAAAAA1");
  using core::Outcome;
  struct Row {
    HttpCall call;
    int status;
    Outcome outcome;
    std::uint64_t bytes_in;
  };
  const Row rows[] = {
      {{.target = "/open"}, 200, Outcome::allowed, 0},
      {{.method = "POST", .target = "/open", .body = "hello"}, 200, Outcome::allowed, 5},
      {{.target = "/none"}, 404, Outcome::bad_request, 0},
      {{.target = "/keyed"}, 401, Outcome::unauthenticated, 0},
      {{.target = "/keyed", .headers = {{"X-API-Key", key.text}}}, 200, Outcome::allowed, 0},
      {{.target = "/keyed?" + key.text, .headers = {{"X-API-Key", key.text}, {"Bad Name", "1"}}},
       400,
       Outcome::bad_request,
       0},
      {{.method = "OPTIONS", .target = "*"}, 204, Outcome::local, 0},
      {{.method = "TRACE", .target = "/open"}, 405, Outcome::bad_request, 0},
  };
  std::size_t count = 0;
  for (const Row& row : rows) {
    const HttpReply reply = gateway->call(row.call);
    EXPECT_EQ(reply.status, row.status);
    const auto records = gateway->log.records();
    ASSERT_EQ(records.size(), ++count);  // at once: it was written before the answer's end
    const core::DecisionRecord& record = records.back();
    EXPECT_EQ(record.status, row.status);
    EXPECT_EQ(record.outcome, row.outcome) << row.status;
    EXPECT_EQ(record.bytes_in.value(), row.bytes_in);
    EXPECT_EQ(record.client_family, 4);
    EXPECT_EQ(record.client_net[0], 127);
    EXPECT_TRUE(row.outcome != Outcome::allowed || record.bytes_out.value() > 40U);
    EXPECT_EQ(reply.header("X-Request-Id"), http::format_request_id(record.request_id));
  }
  EXPECT_EQ(gateway->log.records()[4].key, core::key_number(key.id));
  EXPECT_EQ(gateway->log.records()[4].levels_before[0].tokens(), 100U);
  for (const core::DecisionRecord& record : gateway->log.records()) {
    const std::string_view bytes(reinterpret_cast<const char*>(&record), sizeof(record));
    EXPECT_EQ(bytes.find(std::string_view(key.secret).substr(10, 8)), std::string_view::npos);
  }
}

}  // namespace
}  // namespace tollgate::testing
