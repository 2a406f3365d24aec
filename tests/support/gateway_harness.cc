#include "tests/support/gateway_harness.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

#include "crypto/sha256.h"
#include "http/service_endpoints.h"

namespace tollgate::testing {

void KeptLog::append(core::DecisionRecord& record) noexcept {
  const std::lock_guard lock(mutex_);
  record.sequence = records_.size();
  records_.push_back(record);
}

std::vector<core::DecisionRecord> KeptLog::records() const {
  const std::lock_guard lock(mutex_);
  return records_;
}

TestKey FakeKeys::add(std::string_view id, const Options& options) {
  TestKey key{.text = {}, .secret = std::string(core::kKeySecretLength, 's'), .id = *core::KeyId::parse(id)};
  key.secret.replace(0, id.size(), id);
  key.text = core::format_api_key({.prefix = "tg", .env = "test", .id = id, .secret = key.secret});
  auto entry = std::make_unique<ports::KeyEntry>();
  entry->id = key.id;
  entry->state = options.state;
  entry->secrets[0] = crypto::sha256(key.secret);
  entry->expires_at = options.expires_at;
  entry->bucket = hash128(id, 7);
  entry->tier =
      std::make_shared<const ports::TierEntry>(ports::TierEntry{.name = "basic",
                                                                .ref = core::name_ref(core::NameKind::tier, "basic"),
                                                                .rule = *core::TokenBucket::make(options.limit)});
  entry->rule = &entry->tier->rule;
  const std::lock_guard lock(mutex_);
  entries_[key.id] = std::move(entry);
  return key;
}

const ports::KeyEntry* FakeKeys::find(core::KeyId id) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second.get();
}

core::Route open_route(std::string name, std::string path) {
  core::Route route;
  route.name = std::move(name);
  route.path = std::move(path);
  route.auth = core::AuthMode::none;
  return route;
}

core::Route keyed_route(std::string name, std::string path) {
  core::Route route = open_route(std::move(name), std::move(path));
  route.auth = core::AuthMode::api_key;
  return route;
}

GatewayHarness::GatewayHarness(GatewayOptions options) {
  config::GatewayConfig& config = options.config;
  if (config.routes.empty()) config.routes.push_back(open_route("public", "/**"));
  for (core::Route& route : config.routes) {
    if (route.upstreams.empty()) route.upstreams.push_back({.host = "127.0.0.1", .port = options.upstream});
  }
  http::add_service_endpoints(local_,
                              {.name = "gateway", .version = "0", .not_ready_because = {}, .service_token = {}});
  std::vector<runtime::LoopThread*> loops;
  for (unsigned i = 0; i < options.loops; ++i) {
    loops_.push_back(std::make_unique<runtime::LoopThread>("test"));
    loops.push_back(loops_.back().get());
  }
  gateway_ = *services::Gateway::create(
      config, {.keys = keys, .limits = limits, .log = log, .local_endpoints = local_, .bucket_seed = 1}, loops);
  server_ = *http::Server::start(loops, *gateway_,
                                 {.address = {.ip = IpAddress::v4({127, 0, 0, 1})},
                                  .timeouts = {.header = config.timeouts.header,
                                               .body_idle = config.timeouts.body_idle,
                                               .keep_alive = config.timeouts.keep_alive,
                                               .write_stall = config.timeouts.write_stall},
                                  .max_connections = options.max_connections});
}

GatewayHarness::~GatewayHarness() {
  server_.reset();
  expect_conservation();
  gateway_.reset();
}

// Whatever a test has done: each request that was counted left one record, and each record is of one request.
void GatewayHarness::expect_conservation() const {
  telemetry::Registry registry;
  gateway_->register_metrics(registry);
  std::istringstream lines(registry.render());
  std::uint64_t counted = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("tollgate_requests_total{")) counted += std::stoull(line.substr(line.rfind(' ') + 1));
  }
  std::set<std::uint64_t> ids;
  const auto records = log.records();
  for (const core::DecisionRecord& record : records) {
    EXPECT_TRUE(ids.insert(record.request_id).second) << "two records of one request";
  }
  EXPECT_EQ(records.size(), counted);
}

Ending read_to_end(HttpClient& client) {
  Ending ending;
  try {
    while (true) {
      const std::string more = client.read_some();
      if (more.empty()) return ending;
      ending.bytes += more;
    }
  } catch (const std::runtime_error&) {
    ending.reset = true;
  }
  return ending;
}

}  // namespace tollgate::testing
