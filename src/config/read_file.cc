#include "config/read_file.h"

#include "config/read_limits.h"
#include "config/read_routes.h"
#include "config/values.h"

namespace tollgate::config {
namespace {

using namespace std::chrono_literals;

constexpr DurationBetween kPatience{1ms, 24h};
constexpr DurationBetween kPatienceOrNone{0ms, 24h};

void read_listen(const Setting& section, Listen& out) {
  section["address"].read(out.address, parse_listen_address);
  section["port"].read(out.port, kPort);
}

void read_timeouts(const Setting& section, Timeouts& out) {
  section["header"].read(out.header, kPatience);
  section["bodyIdle"].read(out.body_idle, kPatience);
  section["keepAlive"].read(out.keep_alive, kPatience);
  section["writeStall"].read(out.write_stall, kPatience);
  section["connect"].read(out.connect, kPatience);
  section["firstByte"].read(out.first_byte, kPatience);
  section["upstreamIdle"].read(out.upstream_idle, kPatience);
  section["total"].read(out.total, kPatienceOrNone);
  section["drain"].read(out.drain, kPatienceOrNone);
}

// RFC 9110 §7.6.3: a pseudonym is a token.
Parsed<std::string> parse_via(std::string_view text) {
  auto word = WordUpTo{64}(text);
  if (word && word->find_first_of("\"(),/:;<=>?@[\\]{}") != std::string::npos) {
    return std::unexpected(str::cat("is ", quoted(text), "; it must be a word of letters, digits and -._~"));
  }
  return word;
}

void read_gateway(const Setting& section, Config& out) {
  GatewayConfig& gateway = out.gateway;
  read_listen(section["listen"], gateway.listen);
  section["upstream"].read(out.default_upstream, parse_http_url);
  section["limiterUrl"].read(gateway.limiter_url, parse_http_url);
  section["analyticsUrl"].read(gateway.analytics_url, parse_http_url);
  section["adminUrl"].read(gateway.admin_url, parse_http_url);
  for (const Setting& network : section["trustedProxies"].elements()) {
    Network parsed;
    if (network.read(parsed, parse_network)) gateway.trusted_proxies.push_back(parsed);
  }
  section["maxBody"].read(gateway.max_body_bytes, SizeBetween{1, 1ull << 50});
  section["maxConnections"].read(gateway.max_connections, WholeBetween{1, 1'000'000});
  section["maxConnectionsPerClient"].read(gateway.max_connections_per_client, WholeBetween{0, 1'000'000});
  section["upstreamConnections"].read(gateway.upstream_connections, WholeBetween{0, 65'535});
  section["via"].read(gateway.via, parse_via);
  section["keysMaxStale"].read(gateway.keys_max_stale, DurationBetween{1s, 365 * 24h});
  section["abortOnClientClose"].read(gateway.abort_on_client_close, parse_bool);
  read_timeouts(section["timeouts"], gateway.timeouts);
  read_routes(section, gateway);
}

void read_limiter(const Setting& section, LimiterConfig& out) {
  read_listen(section["listen"], out.listen);
  read_bucket(section["defaultLimit"], out.default_limit);
  section["memory"].read(out.memory_bytes, SizeBetween{1ull << 20, 1ull << 50});
  section["adminUrl"].read(out.admin_url, parse_http_url);
}

// At least a floor of its own, and no shorter than what is finer.
void read_kept(const Setting& setting, Millis& kept, const DurationBetween& between, Millis finer) {
  const bool is_wrong = setting.present() && !setting.read(kept, between);
  if (is_wrong || kept >= finer) return;
  setting.problem(
      str::cat("is ", duration_text(kept), ", shorter than what is kept of finer figures, ", duration_text(finer)));
}

Parsed<std::uint64_t> parse_bytes_max(std::string_view text) {
  return text == "0" ? Parsed<std::uint64_t>(0) : SizeBetween{256ull << 20, 1ull << 50}(text);
}

void read_rollups(const Setting& section, RollupsConfig& out) {
  constexpr Millis kLongest = std::chrono::days(36'600);
  section["keep1s"].read(out.keep_1s, DurationBetween{10min, std::chrono::days(7)});
  read_kept(section["keep1m"], out.keep_1m, {std::chrono::days(1), kLongest}, out.keep_1s);
  read_kept(section["keep1h"], out.keep_1h, {std::chrono::days(7), kLongest}, out.keep_1m);
  read_kept(section["keep1d"], out.keep_1d, {std::chrono::days(31), kLongest}, out.keep_1h);
  section["maxBytes"].read(out.max_bytes, parse_bytes_max);
}

void read_analytics(const Setting& section, AnalyticsConfig& out) {
  read_listen(section["listen"], out.listen);
  section["requests"]["keep"].read(out.requests.keep, DurationBetween{1min, 3650 * 24h});
  section["requests"]["maxBytes"].read(out.requests.max_bytes, SizeBetween{16ull << 20, 1ull << 50});
  read_rollups(section["rollups"], out.rollups);
}

void read_admin(const Setting& section, AdminConfig& out) {
  read_listen(section["listen"], out.listen);
  section["username"].read(out.username, WordUpTo{64});
  section["insecureAdmin"].read(out.insecure_admin, parse_bool);
  section["publicUrl"].read(out.public_url, parse_https_origin);
  section["gatewayUrl"].read(out.gateway_url, parse_http_url);
  section["limiterUrl"].read(out.limiter_url, parse_http_url);
  section["analyticsUrl"].read(out.analytics_url, parse_http_url);
  section["backendUrl"].read(out.backend_url, parse_http_url);
}

}  // namespace

void read_file_settings(const Setting& root, Config& out) {
  root["dataDir"].read(out.data_dir, parse_path);
  root["logLevel"].read(out.log_level, parse_log_level);
  root["workers"].read(out.workers, kWorkers);
  read_gateway(root["gateway"], out);
  read_listen(root["backend"]["listen"], out.backend.listen);
  read_limiter(root["limiter"], out.limiter);
  read_analytics(root["analytics"], out.analytics);
  read_admin(root["admin"], out.admin);
}

}  // namespace tollgate::config
