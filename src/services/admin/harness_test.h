// A whole admin service on a loopback port, with stores in memory and a clock that stands still.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "base/str.h"
#include "codec/json/parse.h"
#include "http/server.h"
#include "services/admin/key_secret.h"
#include "services/admin/service.h"
#include "tests/support/fake_stores.h"
#include "tests/support/http_client.h"

namespace tollgate::services {

inline constexpr std::string_view kTestPassword = "correct horse battery staple";
inline constexpr std::string_view kTestServiceToken = "service-token-k3mZ81qLr0TxWv5NcB7yHd2";
inline constexpr std::string_view kTestJwtSecret = "jwt-secret-Zp4Lw9RkT2vXn7QbYc1MfHs8DgJ";

// Every key has one bucket with `tokens` in it.
class OneBucketStore final : public ports::LimitStore {
 public:
  Task<Result<core::LimitOutcome>> apply(std::span<const core::LimitCheck>, ports::ApplyOptions) override {
    co_return fail(codes::limiter_unavailable);
  }
  Task<Result<core::LimitAnswer>> read(core::LimitCheck check) override {
    core::LimitAnswer answer;
    answer.remaining = std::min(tokens.load(), check.rule->spec().max_burst);
    answer.until_full = Nanos(1);
    co_return answer;
  }
  Task<Result<void>> reset(core::LimitCheck) override {
    tokens = ~std::uint64_t{0};
    co_return Result<void>{};
  }
  Task<Result<void>> migrate(core::LimitCheck, core::LimitCheck) override { co_return Result<void>{}; }

  std::atomic<std::uint64_t> tokens{7};
};

// Knows the keys of a store as soon as it has them.
class StoreDirectory final : public ports::KeyDirectory {
 public:
  explicit StoreDirectory(ports::KeyStore& keys) : keys_(keys) {}
  const ports::KeyEntry* find(core::KeyId id) const override {
    const auto record = keys_.get(id);
    if (!record) return nullptr;
    const auto tier = keys_.tier(record->tier);
    auto entry = std::make_shared<ports::KeyEntry>();
    entry->id = id;
    entry->tier = std::make_shared<const ports::TierEntry>(ports::TierEntry{
        .name = record->tier, .ref = 1, .rule = *core::TokenBucket::make(record->limit.value_or(tier->limit))});
    entry->rule = &entry->tier->rule;
    const std::lock_guard lock(mutex_);
    found_.push_back(entry);
    return entry.get();
  }
  bool ready() const override { return true; }
  Nanos staleness(MonoTime) const override { return Nanos(0); }
  std::size_t size() const override { return 0; }
  std::uint32_t generation() const override { return 0; }

 private:
  ports::KeyStore& keys_;
  mutable std::mutex mutex_;
  mutable std::vector<std::shared_ptr<const ports::KeyEntry>> found_;
};

class CannedUsage final : public ports::UsageReader {
 public:
  static constexpr ports::UsageCounts kCounts{.requests = 12, .allowed = 9, .rate_limited = 3};

  Result<ports::SystemStats> system_stats(WallTime) override {
    if (down) return fail(codes::store_unavailable, "down");
    return ports::SystemStats{.counts = kCounts, .requests_per_second = 2, .latency = {}, .active_keys = 1};
  }
  Result<std::optional<ports::KeyUsage>> key_usage(core::KeyId, WallTime) override {
    if (unseen) return std::optional<ports::KeyUsage>{};
    return std::optional(ports::KeyUsage{.counts = kCounts, .latency = {}, .endpoints = {}, .last_used_at = {}});
  }
  Result<ports::SeriesAnswer> time_series(const ports::SeriesQuery&) override { return ports::SeriesAnswer{}; }
  Result<ports::TopAnswer> top(const ports::TopQuery& query) override {
    const bool keys = query.by == ports::TopQuery::By::key;
    return ports::TopAnswer{
        .range = {}, .entries = {{.name = keys ? "0123456789" : "GET orders", .counts = kCounts, .latency = {}}}};
  }
  Result<std::vector<ports::RecentMinute>> recent_minutes(WallTime now, std::size_t) override {
    return std::vector<ports::RecentMinute>{{.time = now, .counts = kCounts}};
  }

  std::atomic<bool> down{false};
  std::atomic<bool> unseen{false};
};

// Nothing from outside but a secret.
inline const config::LoadInput kBareInput{.environment = [](std::string_view name) -> std::optional<std::string> {
  return name == "ADMIN_PASSWORD" ? std::optional<std::string>("canary-4Hq8") : std::nullopt;
}};
inline Result<config::Config> load_bare() {
  TG_TRY(const config::Loaded loaded, config::load(kBareInput));
  return loaded.config;
}

struct AdminHarnessOptions {
  std::function<std::vector<ServiceAddress>()> services;
  std::string public_origin;
  const http::Router* analytics = nullptr;
  std::string analytics_url;
  std::span<const http::StaticFile> dashboard = {};
};

class AdminHarness {
 public:
  explicit AdminHarness(AdminHarnessOptions wanted = {}) {
    put_user("admin", "admin");
    AdminService::Options options;
    options.jwt_secret = kTestJwtSecret;
    options.service_token = kTestServiceToken;
    options.info.name = "admin";
    options.info.version = "0";
    options.info.metrics = &metrics;
    options.services = std::move(wanted.services);
    options.keys_changed = [this] { ++changes; };
    options.log_counters = [] { return ports::LogCounters{.produced = 5, .stored = 4, .spooled = 1}; };
    options.facts = [this] { return facts; };
    options.upstreams = [this] { return upstreams; };
    options.config = *load_bare();
    options.config_input = kBareInput;
    options.set_log_level = [this](const std::string& level) { log_level = level; };
    options.public_origin = std::move(wanted.public_origin);
    options.analytics_url = std::move(wanted.analytics_url);
    options.dashboard = wanted.dashboard;
    service = *AdminService::make({.keys = keys,
                                   .users = users,
                                   .sessions = users,
                                   .audit = audit,
                                   .hasher = hasher,
                                   .pool = pool,
                                   .clock = clock,
                                   .limits = &limits,
                                   .directory = &directory,
                                   .usage = &usage,
                                   .routes = &routes,
                                   .analytics = wanted.analytics},
                                  std::move(options));
    server = *http::Server::start({&thread}, service->router(), {.address = {IpAddress::v4({127, 0, 0, 1}), 0}});
  }

  void put_user(const std::string& name, const std::string& role) {
    ports::User user;
    user.name = name;
    user.role = role;
    user.password_hash = hasher.hash(kTestPassword)->phc;
    EXPECT_TRUE(users.put(user).has_value());
  }

  testing::HttpReply call(const testing::HttpCall& request) {
    return testing::HttpClient(server->address()).call(request);
  }
  testing::HttpReply log_in(const std::string& name, std::string_view password) {
    return call({.method = "POST",
                 .target = "/api/admin/login",
                 .headers = {{"Content-Type", "application/json"}},
                 .body = str::cat(R"({"username":")", name, R"(","password":")", password, R"("})")});
  }
  std::string token(const std::string& name = "admin") {
    const auto reply = log_in(name, kTestPassword);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return text(reply, "token");
  }
  // The answer to a sign-in of a browser at this origin.
  testing::HttpReply sign_in(const std::string& name, std::string_view password, testing::Headers more = {}) {
    more.emplace_back("Content-Type", "application/json");
    return call({.method = "POST",
                 .target = "/api/admin/sessions",
                 .headers = std::move(more),
                 .body = str::cat(R"({"username":")", name, R"(","password":")", password, R"("})")});
  }
  // What that browser sends as Cookie from then on.
  std::string cookie(const std::string& name = "admin") {
    const auto reply = sign_in(name, kTestPassword);
    EXPECT_EQ(reply.status, 201) << reply.body;
    const std::string set = reply.header("Set-Cookie");
    return set.substr(0, set.find(';'));
  }
  // From a script of this origin.
  testing::HttpReply from_page(const std::string& cookie, const std::string& method, const std::string& target,
                               const std::string& body = {}) {
    testing::Headers headers{{"Cookie", cookie}, {"X-Tollgate-Csrf", "1"}, {"Sec-Fetch-Site", "same-origin"}};
    if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
    return call({.method = method, .target = target, .headers = headers, .body = body});
  }
  // With the admin's token; a body is sent as JSON.
  testing::HttpReply send(const std::string& method, const std::string& target, const std::string& body = {},
                          testing::Headers more = {}) {
    if (token_.empty()) token_ = token();
    more.emplace_back("Authorization", "Bearer " + token_);
    if (!body.empty()) more.emplace_back("Content-Type", "application/json");
    return call({.method = method, .target = target, .headers = more, .body = body});
  }
  // Creates a key, returns the answer.
  testing::HttpReply create(const std::string& body = R"({"name":"test","tier":"free"})") {
    auto reply = send("POST", "/api/admin/keys", body);
    EXPECT_EQ(reply.status, 201) << reply.body;
    return reply;
  }

  static codec::JsonValue json(const testing::HttpReply& reply) {
    auto document = codec::parse_json(reply.body);
    EXPECT_TRUE(document.has_value()) << reply.body;
    return document ? *std::move(document) : codec::JsonValue();
  }
  // A member that is a string; empty when it is not.
  static std::string text(const testing::HttpReply& reply, std::string_view member) {
    const codec::JsonValue document = json(reply);
    const codec::JsonValue* value = document.find(member);
    const auto* string = value == nullptr ? nullptr : value->get_if<std::string>();
    return string == nullptr ? std::string() : *string;
  }
  static std::uint64_t number(const testing::HttpReply& reply, std::string_view member) {
    const codec::JsonValue document = json(reply);
    const codec::JsonValue* value = document.find(member);
    const auto* whole = value == nullptr ? nullptr : value->get_if<std::uint64_t>();
    return whole == nullptr ? 0 : *whole;
  }

  ManualClock clock;
  telemetry::Registry metrics;
  testing::FakeAuditLog audit{clock};
  testing::FakeKeyStore keys{clock, &audit};
  testing::FakeUserStore users{clock, &keys};
  OneBucketStore limits;
  StoreDirectory directory{keys};
  CannedUsage usage;
  core::RouteTable routes = *core::RouteTable::build({{.name = "orders",
                                                       .hosts = {},
                                                       .path = "/api/orders/**",
                                                       .methods = core::kGet | core::kPost,
                                                       .upstreams = {{"127.0.0.1", 9001}},
                                                       .limits = {}}});
  SystemFacts facts;
  std::vector<ports::UpstreamState> upstreams;
  std::string log_level;
  // Cheap: what the passwords are hashed with is not what is tested here.
  crypto::PasswordHasher hasher{{.memory_kib = 8, .passes = 1, .lanes = 1}};
  std::atomic<int> changes{0};
  runtime::BlockingPool pool{2};
  runtime::LoopThread thread{"admin"};
  std::unique_ptr<AdminService> service;
  std::unique_ptr<http::Server> server;

 private:
  std::string token_;
};

}  // namespace tollgate::services
