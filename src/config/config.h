// All settings, as values that have been checked. Built by load() in config/load.h; nothing else makes one.
//
// Order of precedence: flags, then environment, then file, then these defaults.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "core/policy/limit_rule.h"
#include "core/route/route.h"

namespace tollgate::config {

struct Listen {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free port
};

// A network in CIDR form, IPv4 held as ::ffff:a.b.c.d.
struct Network {
  std::array<std::uint8_t, 16> address{};
  std::uint8_t prefix = 128;
};

struct Timeouts {
  Millis header{10'000};         // first byte of a request to the end of its head
  Millis body_idle{10'000};      // between two pieces of a request body
  Millis keep_alive{60'000};     // between requests
  Millis write_stall{30'000};    // a client that takes nothing of its response
  Millis connect{2'000};         // to an upstream
  Millis first_byte{30'000};     // request forwarded to the upstream's first byte
  Millis upstream_idle{60'000};  // between two pieces of a response body; also event streams
  Millis total{0};               // whole request; 0: no limit
  Millis drain{10'000};          // SIGTERM to the end of the last request
};

struct GatewayConfig {
  Listen listen{.port = 3000};
  std::vector<core::Route> routes;      // empty: one route "default", /api/** to default_upstream
  std::vector<core::LimitRule> limits;  // apply to every request
  std::vector<Network> trusted_proxies;
  Timeouts timeouts;
  std::uint64_t max_body_bytes = 64ull << 30;
  std::uint32_t max_connections = 20'000;        // per process
  std::uint32_t max_connections_per_client = 0;  // of those, for one address or IPv6 /64; 0: no limit
  std::uint32_t upstream_connections = 512;      // idle ones kept per worker and upstream
  std::string via = "tollgate";                  // our pseudonym in Via
  Millis keys_max_stale{3'600'000};              // keys that admin has not confirmed for so long open nothing
  bool abort_on_client_close = false;            // a client that has closed its side is gone: its request ends
  std::optional<std::string> limiter_url;        // RATE_LIMITER_URL: ask that service instead of deciding here
  std::optional<std::string> analytics_url;      // ANALYTICS_SERVICE_URL
  std::optional<std::string> admin_url;          // ADMIN_URL: where keys and tiers come from
};

struct BackendConfig {
  Listen listen{.port = 3001};
};

struct LimiterConfig {
  Listen listen{.port = 3002};
  core::TokenBucketSpec default_limit{
      .refill_micro = 10'000'000, .max_burst = 100, .tokens_per_window = 100};  // DEFAULT_TOKENS, REFILL_RATE
  std::uint64_t memory_bytes = 256ull << 20;
  std::optional<std::string> admin_url;
};

// The request log: single requests, as long as they are kept.
struct RequestsConfig {
  Millis keep{7 * 86'400'000};
  std::uint64_t max_bytes = 4ull << 30;  // of disk; the oldest go first
};

// How long rows of each span are kept: each at least as long as those of the finer one. The last ones are for ever.
struct RollupsConfig {
  Millis keep_1s{Seconds(3'600)};
  Millis keep_1m{std::chrono::days(400)};
  Millis keep_1h{std::chrono::days(1'098)};
  Millis keep_1d{std::chrono::days(3'660)};
  std::uint64_t max_bytes = 16ull << 30;  // of usage.db; 0: no bound
};

struct AnalyticsConfig {
  Listen listen{.port = 3003};
  RequestsConfig requests;
  RollupsConfig rollups;
};

struct AdminConfig {
  Listen listen{.port = 3004};
  std::string username = "admin";         // ADMIN_USERNAME
  std::optional<std::string> password;    // ADMIN_PASSWORD; none: made at the first start
  std::optional<std::string> jwt_secret;  // JWT_SECRET; none: made at the first start
  bool insecure_admin = false;            // --insecure-admin: plain HTTP beyond loopback
  std::string public_url;                 // "https://tollgate.example", without a path; empty: as browsers name it
  std::optional<std::string> gateway_url, limiter_url, analytics_url, backend_url;  // for health and usage
};

struct Config {
  std::string data_dir = "./tollgate-data";
  std::string log_level = "info";               // debug, info, warn, error
  std::optional<std::string> service_token;     // SERVICE_TOKEN; none: read from, or made in, the data dir
  unsigned workers = 0;                         // 0: one per core
  std::optional<std::string> default_upstream;  // --upstream, BACKEND_URL; none: the sample backend
  GatewayConfig gateway;
  BackendConfig backend;
  LimiterConfig limiter;
  AnalyticsConfig analytics;
  AdminConfig admin;
};

}  // namespace tollgate::config
