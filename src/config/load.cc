#include "config/load.h"

#include <cstdlib>
#include <utility>

#include "base/file.h"
#include "base/ip.h"
#include "base/str.h"
#include "config/overrides.h"
#include "config/problems.h"
#include "config/read_file.h"
#include "config/shape.h"
#include "config/values.h"
#include "config/yaml.h"

namespace tollgate::config {
namespace {

// Where to connect to what listens on `listen`.
core::UpstreamAddress reachable(const Listen& listen) {
  if (listen.address == "0.0.0.0") return {"127.0.0.1", listen.port};
  if (listen.address == "::") return {"::1", listen.port};
  return {listen.address, listen.port};
}

void resolve_routes(Config& config) {
  if (config.gateway.routes.empty()) {
    core::Route route;
    route.name = "default";
    route.path = "/api/**";
    config.gateway.routes.push_back(std::move(route));
  }
  core::UpstreamAddress fallback = reachable(config.backend.listen);
  if (config.default_upstream) fallback = *parse_http_address(*config.default_upstream);
  for (core::Route& route : config.gateway.routes) {
    if (route.upstreams.empty()) route.upstreams.push_back(fallback);
  }
}

void check_ports(Config& config, Problems& problems) {
  const auto all = listeners(config);
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = i + 1; j < all.size(); ++j) {
      const Listen& one = *all[i].listen;
      const Listen& other = *all[j].listen;
      if (one.port == 0 || one.port != other.port || one.address != other.address) continue;
      problems.outside("ports", str::cat(all[i].service, " and ", all[j].service, " both listen on ", one.address,
                                         " port ", one.port));
    }
  }
}

void check_admin_listen(const Config& config, Problems& problems) {
  const auto address = IpAddress::parse(config.admin.listen.address);
  if (config.admin.insecure_admin || (address && address->is_loopback())) return;
  problems.outside("admin.listen.address",
                   str::cat("is ", config.admin.listen.address,
                            ", which is not loopback, and the admin speaks plain HTTP; "
                            "listen on 127.0.0.1, or end TLS in front of it and pass --insecure-admin"));
}

// As far as the problems allow.
Loaded finish(const LoadInput& input, Loaded loaded, Problems& problems) {
  apply_environment(input, loaded, problems);
  apply_flags(input, loaded.config, problems);
  const bool all = input.service == Service::all;
  if (all) check_ports(loaded.config, problems);
  if (all || input.service == Service::admin) check_admin_listen(loaded.config, problems);
  if (const auto bucket = core::TokenBucket::make(loaded.config.limiter.default_limit); !bucket && problems.empty()) {
    problems.outside("limiter.defaultLimit", bucket.error().detail());
  }
  if (problems.empty()) resolve_routes(loaded.config);
  return loaded;
}

Loaded read_text(const ConfigText& file, const LoadInput& input, Problems& problems) {
  Loaded loaded;
  if (const auto root = parse_yaml(file.text, problems)) {
    check_shape(*root, problems);
    read_file_settings(Setting(*root, problems), loaded.config);
  }
  return finish(input, std::move(loaded), problems);
}

Result<Loaded> unless_wrong(Loaded loaded, const Problems& problems) {
  if (!problems.empty()) return std::unexpected(problems.to_error());
  return loaded;
}

}  // namespace

std::optional<std::string> process_environment(std::string_view name) {
  const char* const value = std::getenv(std::string(name).c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Result<Loaded> load_text(const ConfigText& file, const LoadInput& input) {
  Problems problems{std::string(file.name)};
  Loaded loaded = read_text(file, input, problems);
  return unless_wrong(std::move(loaded), problems);
}

std::vector<Problem> problems_of(const ConfigText& file, const LoadInput& input) {
  Problems problems{std::string(file.name)};
  read_text(file, input, problems);
  return problems.list();
}

Result<Loaded> load(const LoadInput& input) {
  Problems problems("");
  if (input.flags.config_file) {
    const std::string& path = *input.flags.config_file;
    const auto text = read_file(path, kMaxFileBytes);
    if (text) return load_text({.name = path, .text = *text}, input);
    problems.outside("--config", text.error().detail());
  }
  Loaded loaded = finish(input, {}, problems);
  return unless_wrong(std::move(loaded), problems);
}

}  // namespace tollgate::config
