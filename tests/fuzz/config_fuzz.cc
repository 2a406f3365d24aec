// Any bytes as a configuration file: either settings that hold together, or an error that can be shown to a person.
#include <algorithm>

#include "base/assert.h"
#include "base/str.h"
#include "config/load.h"
#include "core/limit/check.h"
#include "core/route/route_table.h"

namespace tollgate::config {
namespace {

void check_limits(const std::vector<core::LimitRule>& limits) {
  for (const core::LimitRule& limit : limits) {
    TG_ASSERT(!limit.name.empty() && limit.name != "key");
    TG_ASSERT(core::TokenBucket::make(limit.bucket).has_value());
  }
}

void check_config(const Config& config) {
  TG_ASSERT(core::RouteTable::build(config.gateway.routes).has_value());
  TG_ASSERT(core::TokenBucket::make(config.limiter.default_limit).has_value());
  check_limits(config.gateway.limits);
  for (const core::Route& route : config.gateway.routes) {
    TG_ASSERT(!route.upstreams.empty() && !route.name.empty());
    TG_ASSERT(route.limits.size() + config.gateway.limits.size() <= core::kMaxChecks);
    check_limits(route.limits);
  }
}

void check_error(const Error& error) {
  TG_ASSERT(error.is(codes::config_invalid) && !error.detail().empty());
  TG_ASSERT(str::is_valid_utf8(error.detail()));
  TG_ASSERT(
      std::ranges::none_of(error.detail(), [](char c) { return c != '\n' && static_cast<unsigned char>(c) < 0x20; }));
}

void load_bytes(std::string_view bytes) {
  LoadInput input;
  input.environment = [](std::string_view) { return std::nullopt; };
  const auto loaded = load_text({.name = "fuzz.yaml", .text = bytes}, input);
  if (loaded) {
    check_config(loaded->config);
  } else {
    check_error(loaded.error());
  }
}

}  // namespace
}  // namespace tollgate::config

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tollgate::config::load_bytes({reinterpret_cast<const char*>(data), size});
  return 0;
}
