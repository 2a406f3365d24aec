#include "config/load.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>

#include "base/file.h"
#include "base/str.h"
#include "config/values.h"
#include "core/usage/names.h"

namespace tollgate::config {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

LoadInput input_with(Variables variables, Flags flags = {}, Service service = Service::all) {
  return {.service = service,
          .flags = std::move(flags),
          .environment = [variables = std::move(variables)](std::string_view name) {
            const auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional(found->second);
          }};
}

Loaded loaded(std::string_view text, const LoadInput& input = input_with({})) {
  auto result = load_text({.name = "t.yaml", .text = text}, input);
  EXPECT_TRUE(result) << result.error().detail();
  return result ? *std::move(result) : Loaded{};
}

std::string load_error(std::string_view text, const LoadInput& input = input_with({})) {
  const auto result = load_text({.name = "t.yaml", .text = text}, input);
  if (result) return "";
  EXPECT_TRUE(result.error().is(codes::config_invalid));
  return result.error().detail();
}

TEST(Load, WithoutAnythingHasTheDefaultsAndARouteToTheSampleBackend) {
  const auto result = load(input_with({}));
  ASSERT_TRUE(result) << result.error().detail();
  const Config& config = result->config;
  EXPECT_EQ(config.gateway.listen.port, 3000);
  EXPECT_EQ(config.admin.listen.port, 3004);
  EXPECT_EQ(config.gateway.listen.address, "127.0.0.1");
  ASSERT_EQ(config.gateway.routes.size(), 1u);
  const core::Route& route = config.gateway.routes[0];
  EXPECT_EQ(route.name, "default");
  EXPECT_EQ(route.path, "/api/**");
  EXPECT_EQ(route.auth, core::AuthMode::api_key);
  EXPECT_EQ(route.upstreams, (std::vector<core::UpstreamAddress>{{"127.0.0.1", 3001}}));
  EXPECT_TRUE(result->warnings.empty());
}

TEST(Load, KeepsNoFiguresLongerThanCoarserOnes) {
  const RollupsConfig rollups =
      loaded("analytics: {rollups: {keep1s: 10m, keep1m: 30d, keep1h: 30d, maxBytes: 0}}").config.analytics.rollups;
  EXPECT_EQ(rollups.keep_1s, std::chrono::minutes(10));
  EXPECT_EQ(rollups.keep_1h, std::chrono::days(30));
  EXPECT_EQ(rollups.keep_1d, std::chrono::days(3660));
  EXPECT_EQ(rollups.max_bytes, 0u);
  EXPECT_NE(load_error("analytics: {rollups: {keep1m: 2000d}}")
                .find("keep1h: is 1098d, shorter than what is kept of finer figures, 2000d"),
            std::string::npos);
}

TEST(Load, ReadsWhatTheSmallestExampleSays) {
  const auto text = read_file(std::string(std::getenv("TG_SOURCE_DIR")) + "/examples/tollgate.yaml");
  ASSERT_TRUE(text);
  const Config config = loaded(*text).config;
  ASSERT_EQ(config.gateway.routes.size(), 2u);
  EXPECT_EQ(config.gateway.routes[0].auth, core::AuthMode::none);
  const core::Route& orders = config.gateway.routes[1];
  EXPECT_EQ(orders.methods, core::kGet | core::kPost);
  EXPECT_EQ(orders.upstreams, (std::vector<core::UpstreamAddress>{{"127.0.0.1", 9001}}));
  ASSERT_EQ(orders.limits.size(), 1u);
  EXPECT_EQ(orders.limits[0].name, "per-route");
  EXPECT_EQ(orders.limits[0].bucket,
            (core::TokenBucketSpec{.refill_micro = 500'000'000, .max_burst = 1000, .tokens_per_window = 1000}));
  EXPECT_EQ(orders.limits[0].scope, core::LimitScope{.route = true});
}

TEST(Load, EveryValueOfTheFullExampleArrives) {
  const std::string path = std::string(std::getenv("TG_SOURCE_DIR")) + "/examples/full.yaml";
  const auto result = load(input_with({}, {.config_file = path}));
  ASSERT_TRUE(result) << result.error().detail();
  const GatewayConfig& gateway = result->config.gateway;
  EXPECT_EQ(gateway.trusted_proxies.size(), 3u);
  ASSERT_EQ(gateway.limits.size(), 2u);
  EXPECT_EQ(gateway.limits[0].scope, core::LimitScope{});
  EXPECT_EQ(gateway.limits[1].mode, core::LimitMode::shadow);
  EXPECT_EQ(gateway.limits[1].bucket.tokens_per_window, 200u);
  ASSERT_EQ(gateway.routes.size(), 2u);
  const core::Route& orders = gateway.routes[1];
  EXPECT_EQ(orders.hosts, (std::vector<std::string>{"api.example.com", "*.api.example.com"}));
  EXPECT_EQ(orders.upstreams.size(), 2u);
  EXPECT_EQ(orders.cost, 2u);
  EXPECT_EQ(orders.max_body_bytes, 1u << 20);
  ASSERT_EQ(orders.limits.size(), 1u);
  EXPECT_EQ(orders.limits[0].bucket,
            (core::TokenBucketSpec{.refill_micro = 500'000, .max_burst = 20, .tokens_per_window = 10}));
  EXPECT_EQ(orders.limits[0].scope, (core::LimitScope{.route = true, .key = true}));
}

TEST(Load, EachValueArrivesInItsOwnPlace) {
  using namespace std::chrono_literals;
  const Config config =
      loaded(
          "workers: 3\n"
          "gateway:\n"
          "  timeouts: {header: 1s, bodyIdle: 2s, keepAlive: 3s, writeStall: 4s, connect: 5s, "
          "firstByte: 6s, upstreamIdle: 7s,\n"
          "    total: 8s, drain: 9s}\n"
          "  maxBody: 1MiB\n  maxConnections: 2\n  maxConnectionsPerClient: 5\n  upstreamConnections: 3\n  via: v\n"
          "  abortOnClientClose: true\n  keysMaxStale: 4h\n"
          "  limiterUrl: http://a:1\n  analyticsUrl: http://a:2\n  adminUrl: http://a:3\n"
          "limiter: {memory: 4MiB, adminUrl: 'http://a:4'}\n"
          "analytics: {requests: {keep: 30d, maxBytes: 5GiB}}\n"
          "admin: {gatewayUrl: 'http://a:5', limiterUrl: 'http://a:6', analyticsUrl: 'http://a:7', "
          "backendUrl: 'http://a:8'}\n")
          .config;
  const Timeouts& t = config.gateway.timeouts;
  EXPECT_EQ((std::array{t.header, t.body_idle, t.keep_alive, t.write_stall, t.connect, t.first_byte, t.upstream_idle,
                        t.total, t.drain}),
            (std::array<Millis, 9>{1s, 2s, 3s, 4s, 5s, 6s, 7s, 8s, 9s}));
  EXPECT_EQ(config.workers, 3u);
  EXPECT_EQ(config.gateway.max_body_bytes, 1u << 20);
  EXPECT_EQ(config.gateway.max_connections, 2u);
  EXPECT_EQ(config.gateway.max_connections_per_client, 5u);
  EXPECT_EQ(config.gateway.upstream_connections, 3u);
  EXPECT_EQ(config.gateway.via, "v");
  EXPECT_TRUE(config.gateway.abort_on_client_close);
  EXPECT_EQ(config.gateway.keys_max_stale, Millis(4h));
  EXPECT_EQ(config.limiter.memory_bytes, 4u << 20);
  EXPECT_EQ(config.analytics.requests.keep, Millis(720h));
  EXPECT_EQ(config.analytics.requests.max_bytes, 5ull << 30);
  EXPECT_EQ((std::array{config.gateway.limiter_url, config.gateway.analytics_url, config.gateway.admin_url,
                        config.limiter.admin_url, config.admin.gateway_url, config.admin.limiter_url,
                        config.admin.analytics_url, config.admin.backend_url}),
            (std::array<std::optional<std::string>, 8>{"http://a:1", "http://a:2", "http://a:3", "http://a:4",
                                                       "http://a:5", "http://a:6", "http://a:7", "http://a:8"}));
}

// One setting that can come from all three places, and how to read it back.
struct Precedence {
  std::string_view what;
  std::string_view file;
  Variables variables;
  Flags flags;
  std::string (*read)(const Config&);
  std::string_view by_default, from_file, from_environment, from_flags;
};

const Precedence kPrecedences[] = {
    {"data dir",
     "dataDir: /file",
     {{"TOLLGATE_DATA_DIR", "/env"}},
     {.data_dir = "/flag"},
     [](const Config& c) { return c.data_dir; },
     "./tollgate-data",
     "/file",
     "/env",
     "/flag"},
    {"log level",
     "logLevel: warn",
     {{"LOG_LEVEL", "ERROR"}},
     {.log_level = "debug"},
     [](const Config& c) { return c.log_level; },
     "info",
     "warn",
     "error",
     "debug"},
    {"upstream",
     "gateway: {upstream: 'http://file'}",
     {{"BACKEND_URL", "http://env/"}},
     {.upstream = "http://flag:8"},
     [](const Config& c) { return to_url(c.gateway.routes[0].upstreams[0]); },
     "http://127.0.0.1:3001",
     "http://file:80",
     "http://env:80",
     "http://flag:8"},
    {"ports",
     "admin: {listen: {port: 5}}",
     {{"PORT", "4000"}},
     {.base_port = 6000},
     [](const Config& c) { return std::to_string(c.admin.listen.port); },
     "3004",
     "5",
     "4004",
     "6004"},
    {"any free ports",
     "gateway: {listen: {port: 5}}",
     {{"PORT", "4000"}},
     {.base_port = 0},
     [](const Config& c) { return std::to_string(c.gateway.listen.port); },
     "3000",
     "5",
     "4000",
     "0"},
    {"workers",
     "workers: 2",
     {},
     {.workers = 3},
     [](const Config& c) { return std::to_string(c.workers); },
     "0",
     "2",
     "2",
     "3"},
    {"address",
     "analytics: {listen: {address: 127.0.0.2}}",
     {},
     {.listen_address = "127.0.0.3"},
     [](const Config& c) { return c.analytics.listen.address; },
     "127.0.0.1",
     "127.0.0.2",
     "127.0.0.2",
     "127.0.0.3"},
    {"gateway",
     "admin: {gatewayUrl: 'http://file'}",
     {{"GATEWAY_URL", "http://env"}},
     {},
     [](const Config& c) { return c.admin.gateway_url.value_or(""); },
     "",
     "http://file:80",
     "http://env:80",
     "http://env:80"},
    {"limiter",
     "gateway: {limiterUrl: 'http://file'}",
     {{"RATE_LIMITER_URL", "http://env"}},
     {},
     [](const Config& c) { return c.gateway.limiter_url.value_or(""); },
     "",
     "http://file:80",
     "http://env:80",
     "http://env:80"},
    {"analytics",
     "admin: {analyticsUrl: 'http://file'}",
     {{"ANALYTICS_SERVICE_URL", "http://env"}},
     {},
     [](const Config& c) { return c.admin.analytics_url.value_or(""); },
     "",
     "http://file:80",
     "http://env:80",
     "http://env:80"},
    {"admin",
     "limiter: {adminUrl: 'http://file'}",
     {{"ADMIN_URL", "http://env"}},
     {},
     [](const Config& c) { return c.limiter.admin_url.value_or(""); },
     "",
     "http://file:80",
     "http://env:80",
     "http://env:80"},
    {"tokens",
     "limiter: {defaultLimit: {maxBurst: 5}}",
     {{"DEFAULT_TOKENS", "7"}},
     {},
     [](const Config& c) {
       return str::cat(c.limiter.default_limit.max_burst, "/", c.limiter.default_limit.tokens_per_window);
     },
     "100/100",
     "5/5",
     "7/7",
     "7/7"},
    {"rate",
     "limiter: {defaultLimit: {refillRate: 5}}",
     {{"REFILL_RATE", "0.5"}},
     {},
     [](const Config& c) { return std::to_string(c.limiter.default_limit.refill_micro); },
     "10000000",
     "5000000",
     "500000",
     "500000"},
    {"user",
     "admin: {username: file}",
     {{"ADMIN_USERNAME", "env"}},
     {},
     [](const Config& c) { return c.admin.username; },
     "admin",
     "file",
     "env",
     "env"},
};

TEST(Load, FlagsBeatEnvironmentBeatsFileBeatsDefaults) {
  for (const Precedence& one : kPrecedences) {
    EXPECT_EQ(one.read(loaded("").config), one.by_default) << one.what;
    EXPECT_EQ(one.read(loaded(one.file).config), one.from_file) << one.what;
    EXPECT_EQ(one.read(loaded(one.file, input_with(one.variables)).config), one.from_environment) << one.what;
    EXPECT_EQ(one.read(loaded(one.file, input_with(one.variables, one.flags)).config), one.from_flags) << one.what;
  }
}

TEST(Load, SecretsComeFromTheEnvironmentAndNeverShowInErrors) {
  const auto input =
      input_with({{"ADMIN_PASSWORD", "p4ss w0rd"}, {"JWT_SECRET", "s3cret"}, {"SERVICE_TOKEN", "t0ken"}});
  const Config config = loaded("", input).config;
  EXPECT_EQ(config.admin.password, "p4ss w0rd");
  EXPECT_EQ(config.admin.jwt_secret, "s3cret");
  EXPECT_EQ(config.service_token, "t0ken");
  const std::string error =
      load_error("admin: {password: c4nary}",
                 input_with({{"SERVICE_TOKEN", "c4nary with spaces"}, {"JWT_SECRET", std::string(5000, 'c')}}));
  EXPECT_NE(error.find("SERVICE_TOKEN: must be"), std::string::npos);
  EXPECT_NE(error.find("JWT_SECRET: is longer"), std::string::npos);
  EXPECT_EQ(error.find("c4nary"), std::string::npos);
  EXPECT_EQ(error.find("ccc"), std::string::npos);
}

TEST(Load, AnEmptyVariableCountsAsNotSet) {
  const Config config = loaded("", input_with({{"PORT", ""}, {"ADMIN_PASSWORD", ""}, {"RATE_LIMITER_URL", ""}})).config;
  EXPECT_EQ(config.gateway.listen.port, 3000);
  EXPECT_FALSE(config.admin.password);
  EXPECT_FALSE(config.gateway.limiter_url);
}

TEST(Load, PortIsThatOfTheServiceWhichIsStarted) {
  const Config limiter = loaded("", input_with({{"PORT", "9"}}, {}, Service::limiter)).config;
  EXPECT_EQ(limiter.limiter.listen.port, 9);
  EXPECT_EQ(limiter.gateway.listen.port, 3000);
  const Config admin = loaded("", input_with({{"PORT", "9"}}, {.base_port = 7000, .port = 8}, Service::admin)).config;
  EXPECT_EQ(admin.admin.listen.port, 8);
  EXPECT_EQ(admin.limiter.listen.port, 7002);
}

TEST(Load, FaultyVariablesAndFlagsAreReportedByNameTogetherWithTheFile) {
  const std::string error = load_error(
      "nope: 1",
      input_with({{"PORT", "65532"}, {"REFILL_RATE", "fast"}, {"LOG_LEVEL", "loud"}, {"BACKEND_URL", "https://a"}},
                 {.base_port = 65'532, .port = 1, .listen_address = "localhost", .log_level = "warm", .workers = 999}));
  EXPECT_EQ(error,
            "t.yaml:1:1: unknown key \"nope\"; known here: dataDir, logLevel, workers, gateway, backend, limiter, "
            "analytics, admin\n"
            "PORT: is \"65532\"; it must be a whole number, 0 to 65531\n"
            "BACKEND_URL: is \"https://a\"; this version speaks http to upstreams; https is not supported\n"
            "REFILL_RATE: is \"fast\"; a rate is a number of tokens per second, 0.000001 to 1000000000, with at most "
            "six decimals\n"
            "LOG_LEVEL: is \"loud\"; it must be one of debug, info, warn, error\n"
            "--base-port: is 65532; the five ports must end at 65535\n"
            "--port: is for one service; use --base-port for all\n"
            "--listen: is \"localhost\"; it must be an IPv4 or IPv6 address, such as 127.0.0.1, 0.0.0.0 or ::\n"
            "--log-level: is \"warm\"; it must be one of debug, info, warn, error; did you mean \"warn\"?\n"
            "--workers: is \"999\"; it must be a whole number, 0 to 128");
}

TEST(Load, VariablesWithoutEffectAreAcceptedWithAWarning) {
  const Loaded result = loaded("", input_with({{"REDIS_HOST", "redis"}, {"POSTGRES_DB", "usage"}}));
  ASSERT_EQ(result.warnings.size(), 2u);
  EXPECT_TRUE(result.warnings[0].starts_with("REDIS_HOST is set, but"));
  EXPECT_TRUE(result.warnings[1].starts_with("POSTGRES_DB is set, but"));
}

TEST(Load, AMissingFileIsAnErrorNotTheDefaults) {
  const auto result = load(input_with({}, {.config_file = "/nowhere/tollgate.yaml"}));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().detail(), "--config: cannot read /nowhere/tollgate.yaml: No such file or directory");
}

TEST(Load, RoutesKeepTheirUpstreamsBesideADefaultOne) {
  const Config config = loaded(
                            "gateway:\n  upstream: http://default\n  routes:\n    - {name: a, match: {path: /a}, "
                            "upstream: 'http://own'}\n"
                            "    - {name: b, match: {path: /b}}\n")
                            .config;
  EXPECT_EQ(config.gateway.routes[0].upstreams[0].host, "own");
  EXPECT_EQ(config.gateway.routes[1].upstreams[0].host, "default");
}

TEST(Load, TheSampleBackendIsReachedWhereItListens) {
  const auto upstream = [](std::string_view text, Flags flags) {
    return loaded(text, input_with({}, std::move(flags))).config.gateway.routes[0].upstreams[0];
  };
  EXPECT_EQ(upstream("backend: {listen: {address: 0.0.0.0, port: 81}}", {}), (core::UpstreamAddress{"127.0.0.1", 81}));
  EXPECT_EQ(upstream("backend: {listen: {address: '::', port: 82}}", {}), (core::UpstreamAddress{"::1", 82}));
  EXPECT_EQ(upstream("", {.base_port = 0}), (core::UpstreamAddress{"127.0.0.1", 0}));
}

TEST(Load, ThePlainAdminStaysOnLoopbackUnlessToldOtherwise) {
  const std::string_view open = "admin: {listen: {address: 0.0.0.0}}";
  EXPECT_NE(load_error(open).find("--insecure-admin"), std::string::npos);
  EXPECT_NE(load_error("", input_with({}, {.listen_address = "::"}, Service::admin)).find("--insecure-admin"),
            std::string::npos);
  EXPECT_EQ(load_error(open, input_with({}, {.insecure_admin = true})), "");
  EXPECT_EQ(load_error("admin: {insecureAdmin: true, listen: {address: 0.0.0.0}}"), "");
  EXPECT_EQ(load_error(open, input_with({}, {}, Service::gateway)), "");
}

TEST(Load, NamesThatRecordsCouldNotTellApartAreRefused) {
  std::map<core::NameRef, std::string> seen;
  std::string one;
  std::string other;
  for (int i = 0; other.empty(); ++i) {
    const std::string name = str::cat("r", i);
    const auto [found, added] = seen.try_emplace(core::name_ref(core::NameKind::route, name), name);
    if (!added) {
      one = found->second;
      other = name;
    }
  }
  const std::string text = str::cat("gateway:\n  routes:\n    - {name: ", one,
                                    ", match: {path: /a}}\n    - {name: ", other, ", match: {path: /b}}\n");
  EXPECT_EQ(load_error(text), str::cat("t.yaml:4:14: gateway.routes[1].name: the names \"", other, "\" and \"", one,
                                       "\" cannot be told apart in decision records; change one"));
}

TEST(Load, TenThousandRoutesAreRead) {
  std::string text = "gateway:\n  routes:\n";
  for (int i = 0; i < 10'000; ++i) str::append(text, "    - {name: r", i, ", match: {path: /r/", i, "}}\n");
  EXPECT_EQ(loaded(text).config.gateway.routes.size(), 10'000u);
}

TEST(Load, ReportsAtMostFiftyProblems) {
  std::string text;
  for (int i = 0; i < 60; ++i) str::append(text, "key", i, ": 1\n");
  const std::string error = load_error(text);
  EXPECT_EQ(std::ranges::count(error, '\n'), 50);
  EXPECT_TRUE(error.ends_with("\nand 10 more problems"));
}

}  // namespace
}  // namespace tollgate::config
