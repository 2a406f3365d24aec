#include "config/overrides.h"

#include <algorithm>

#include "base/str.h"
#include "config/values.h"

namespace tollgate::config {
namespace {

// One source of single values, each with a name that its problems begin with.
class Overrides {
 public:
  explicit Overrides(Problems& problems) : problems_(problems) {}

  // Sets every target to the parsed value, if there is one.
  template <class Parser, class... Targets>
  void set(std::string_view name, const std::optional<std::string>& text, const Parser& parser, Targets&... targets) {
    if (!text) return;
    const auto parsed = parser(std::string_view(*text));
    if (!parsed) return problems_.outside(name, parsed.error());
    ((targets = static_cast<Targets>(*parsed)), ...);
  }

 private:
  Problems& problems_;
};

constexpr WholeBetween kBasePort{0, 65'531};

void set_port_row(Config& config, std::uint16_t base) {
  std::uint16_t port = base;
  for (const NamedListen& listener : listeners(config)) {
    listener.listen->port = port;
    if (base != 0) ++port;
  }
}

Listen& listener_of(Config& config, Service service) {
  return *listeners(config)[static_cast<std::size_t>(service) - 1].listen;
}

Parsed<std::string> parse_any_case_log_level(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), str::lower);
  return parse_log_level(lower);
}

// Secrets never stand in an error text.
Parsed<std::string> parse_secret(std::string_view text) {
  if (text.size() > 4'000) return std::unexpected("is longer than 4000 bytes");
  return std::string(text);
}

}  // namespace

std::array<NamedListen, 5> listeners(Config& config) {
  return {{{"gateway", &config.gateway.listen},
           {"backend", &config.backend.listen},
           {"limiter", &config.limiter.listen},
           {"analytics", &config.analytics.listen},
           {"admin", &config.admin.listen}}};
}

void apply_environment(const LoadInput& input, Loaded& out, Problems& problems) {
  Config& config = out.config;
  Overrides overrides(problems);
  const auto given = [&](std::string_view name) {
    auto text = input.environment(name);
    return text && text->empty() ? std::nullopt : std::move(text);
  };
  const auto set = [&](std::string_view name, const auto& parser, auto&... targets) {
    overrides.set(name, given(name), parser, targets...);
  };
  if (input.service == Service::all) {
    std::optional<std::uint16_t> base;
    set("PORT", kBasePort, base);
    if (base) set_port_row(config, *base);
  } else {
    set("PORT", kPort, listener_of(config, input.service).port);
  }
  set("GATEWAY_URL", parse_http_url, config.admin.gateway_url);
  set("RATE_LIMITER_URL", parse_http_url, config.gateway.limiter_url, config.admin.limiter_url);
  set("ANALYTICS_SERVICE_URL", parse_http_url, config.gateway.analytics_url, config.admin.analytics_url);
  set("ADMIN_URL", parse_http_url, config.gateway.admin_url, config.limiter.admin_url);
  set("BACKEND_URL", parse_http_url, config.default_upstream, config.admin.backend_url);
  core::TokenBucketSpec& limit = config.limiter.default_limit;
  set("DEFAULT_TOKENS", kTokens, limit.max_burst, limit.tokens_per_window);
  set("REFILL_RATE", parse_rate, limit.refill_micro);
  set("ADMIN_USERNAME", WordUpTo{64}, config.admin.username);
  set("ADMIN_PASSWORD", parse_secret, config.admin.password);
  set("JWT_SECRET", parse_secret, config.admin.jwt_secret);
  set("SERVICE_TOKEN", WordUpTo{4'000}, config.service_token);
  set("TOLLGATE_DATA_DIR", parse_path, config.data_dir);
  set("LOG_LEVEL", parse_any_case_log_level, config.log_level);
  if (given("REDIS_HOST")) {
    out.warnings.emplace_back("REDIS_HOST is set, but this version keeps limit state in memory; it has no effect yet.");
  }
  if (given("POSTGRES_DB")) {
    out.warnings.emplace_back("POSTGRES_DB is set, but this version keeps its data in SQLite; it has no effect yet.");
  }
}

void apply_flags(const LoadInput& input, Config& out, Problems& problems) {
  const Flags& flags = input.flags;
  if (flags.base_port) {
    if (*flags.base_port > kBasePort.max) {
      problems.outside("--base-port", str::cat("is ", *flags.base_port, "; the five ports must end at 65535"));
    } else {
      set_port_row(out, *flags.base_port);
    }
  }
  if (flags.port) {
    if (input.service == Service::all) {
      problems.outside("--port", "is for one service; use --base-port for all");
    } else {
      listener_of(out, input.service).port = *flags.port;
    }
  }
  Overrides overrides(problems);
  std::optional<std::string> address;
  overrides.set("--listen", flags.listen_address, parse_listen_address, address);
  for (const NamedListen& listener : listeners(out)) {
    if (address) listener.listen->address = *address;
  }
  overrides.set("--data-dir", flags.data_dir, parse_path, out.data_dir);
  overrides.set("--upstream", flags.upstream, parse_http_url, out.default_upstream, out.admin.backend_url);
  overrides.set("--log-level", flags.log_level, parse_log_level, out.log_level);
  if (flags.workers) overrides.set("--workers", str::cat(*flags.workers), kWorkers, out.workers);
  if (flags.insecure_admin) out.admin.insecure_admin = true;
}

}  // namespace tollgate::config
