#include "config/settings.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/ip.h"
#include "base/str.h"
#include "config/values.h"
#include "core/limit/rate_text.h"

namespace tollgate::config {
namespace {

// Plain where YAML cannot take it for anything but text.
std::string scalar(std::string_view text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

std::string network_text(const Network& network) {
  const IpAddress address{.bytes = network.address};
  return str::cat(address.to_string(), "/", network.prefix - (address.is_v4() ? 96 : 0));
}

// Gathers the settings of one section: paths are relative to it.
class Section {
 public:
  Section(std::vector<SettingText>& out, std::string path) : out_(out), path_(std::move(path)) {}

  Section at(std::string_view name) const { return {out_, path_of(name)}; }
  Section at(std::string_view list, std::size_t index) const {
    return {out_, str::cat(path_of(list), "[", index, "]")};
  }

  void word(std::string_view name, std::string_view text) { out_.push_back({path_of(name), scalar(text)}); }
  void words(std::string_view name, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    std::string list = "[";
    for (const std::string& text : texts) str::append(list, list.size() == 1 ? "" : ", ", scalar(text));
    out_.push_back({path_of(name), list + "]"});
  }
  void url(std::string_view name, const std::optional<std::string>& url) {
    if (url) word(name, *url);
  }
  void number(std::string_view name, std::uint64_t number) { word(name, str::cat(number)); }
  void flag(std::string_view name, bool flag) { word(name, flag ? "true" : "false"); }
  void duration(std::string_view name, Millis duration) { word(name, duration_text(duration)); }
  // 0 means that there is none, and is written as such.
  void size(std::string_view name, std::uint64_t bytes) { word(name, bytes == 0 ? "0" : size_text(bytes)); }

 private:
  std::string path_of(std::string_view name) const {
    return path_.empty() ? std::string(name) : str::cat(path_, ".", name);
  }

  std::vector<SettingText>& out_;
  std::string path_;
};

void list_listen(Section section, const Listen& listen) {
  section.word("address", listen.address);
  section.number("port", listen.port);
}

void list_bucket(Section& section, const core::TokenBucketSpec& bucket) {
  section.word("refillRate", core::rate_text(bucket.refill_micro));
  section.number("maxBurst", bucket.max_burst);
  section.number("tokensPerWindow", bucket.tokens_per_window);
}

void list_limits(const Section& parent, const std::vector<core::LimitRule>& limits) {
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const core::LimitRule& rule = limits[i];
    Section section = parent.at("limits", i);
    section.word("name", rule.name);
    list_bucket(section, rule.bucket);
    std::vector<std::string> scope;
    if (rule.scope.route) scope.emplace_back("route");
    if (rule.scope.tier) scope.emplace_back("tier");
    if (rule.scope.key) scope.emplace_back("key");
    if (rule.scope.client_ip) scope.emplace_back("client_ip");
    if (scope.empty()) scope.emplace_back("global");
    section.words("scope", scope);
    section.word("mode", rule.mode == core::LimitMode::enforce ? "enforce" : "shadow");
  }
}

std::vector<std::string> method_names(core::MethodSet methods) {
  constexpr auto kNames = std::to_array<std::pair<core::MethodBit, std::string_view>>({{core::kGet, "GET"},
                                                                                       {core::kHead, "HEAD"},
                                                                                       {core::kPost, "POST"},
                                                                                       {core::kPut, "PUT"},
                                                                                       {core::kPatch, "PATCH"},
                                                                                       {core::kDelete, "DELETE"},
                                                                                       {core::kOptions, "OPTIONS"}});
  std::vector<std::string> names;
  if (methods == core::kAnyMethod) return names;
  for (const auto& [bit, name] : kNames) {
    if ((methods & bit) != 0) names.emplace_back(name);
  }
  return names;
}

void list_route(Section section, const core::Route& route) {
  section.word("name", route.name);
  Section match = section.at("match");
  match.word("path", route.path);
  match.words("hosts", route.hosts);
  match.words("methods", method_names(route.methods));
  section.word("auth", route.auth == core::AuthMode::api_key ? "api_key" : "none");
  std::vector<std::string> upstreams;
  for (const core::UpstreamAddress& upstream : route.upstreams) {
    if (upstream.port != 0) upstreams.push_back(to_url(upstream));
  }
  section.words("upstream", upstreams);
  section.number("cost", route.cost);
  if (route.max_body_bytes != 0) section.size("maxBody", route.max_body_bytes);
  list_limits(section, route.limits);
}

void list_timeouts(Section section, const Timeouts& timeouts) {
  section.duration("header", timeouts.header);
  section.duration("bodyIdle", timeouts.body_idle);
  section.duration("keepAlive", timeouts.keep_alive);
  section.duration("writeStall", timeouts.write_stall);
  section.duration("connect", timeouts.connect);
  section.duration("firstByte", timeouts.first_byte);
  section.duration("upstreamIdle", timeouts.upstream_idle);
  section.duration("total", timeouts.total);
  section.duration("drain", timeouts.drain);
}

void list_gateway(Section section, const Config& config) {
  const GatewayConfig& gateway = config.gateway;
  list_listen(section.at("listen"), gateway.listen);
  section.url("upstream", config.default_upstream);
  section.url("limiterUrl", gateway.limiter_url);
  section.url("analyticsUrl", gateway.analytics_url);
  section.url("adminUrl", gateway.admin_url);
  std::vector<std::string> proxies;
  for (const Network& network : gateway.trusted_proxies) proxies.push_back(network_text(network));
  section.words("trustedProxies", proxies);
  section.size("maxBody", gateway.max_body_bytes);
  section.number("maxConnections", gateway.max_connections);
  section.number("maxConnectionsPerClient", gateway.max_connections_per_client);
  section.number("upstreamConnections", gateway.upstream_connections);
  section.word("via", gateway.via);
  section.duration("keysMaxStale", gateway.keys_max_stale);
  section.flag("abortOnClientClose", gateway.abort_on_client_close);
  list_timeouts(section.at("timeouts"), gateway.timeouts);
  list_limits(section, gateway.limits);
  for (std::size_t i = 0; i < gateway.routes.size(); ++i) list_route(section.at("routes", i), gateway.routes[i]);
}

void list_analytics(const Section& section, const AnalyticsConfig& analytics) {
  list_listen(section.at("listen"), analytics.listen);
  Section requests = section.at("requests");
  requests.duration("keep", analytics.requests.keep);
  requests.size("maxBytes", analytics.requests.max_bytes);
  Section rollups = section.at("rollups");
  rollups.duration("keep1s", analytics.rollups.keep_1s);
  rollups.duration("keep1m", analytics.rollups.keep_1m);
  rollups.duration("keep1h", analytics.rollups.keep_1h);
  rollups.duration("keep1d", analytics.rollups.keep_1d);
  rollups.size("maxBytes", analytics.rollups.max_bytes);
}

void list_admin(Section section, const AdminConfig& admin) {
  list_listen(section.at("listen"), admin.listen);
  section.word("username", admin.username);
  section.flag("insecureAdmin", admin.insecure_admin);
  if (!admin.public_url.empty()) section.word("publicUrl", admin.public_url);
  section.url("gatewayUrl", admin.gateway_url);
  section.url("limiterUrl", admin.limiter_url);
  section.url("analyticsUrl", admin.analytics_url);
  section.url("backendUrl", admin.backend_url);
}

// The parts of "gateway.routes[0].name": each with what stands in front of it.
std::vector<std::string_view> steps_of(std::string_view path) {
  std::vector<std::string_view> steps;
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t dot = std::min(path.find('.', from), path.size());
    steps.push_back(path.substr(from, dot - from));
    from = dot + 1;
  }
  return steps;
}

// Writes the sections one after the other: a step that the setting before did not have begins a line of its own.
class YamlWriter {
 public:
  void add(const SettingText& setting) {
    const std::vector<std::string_view> steps = steps_of(setting.path);
    std::size_t same = 0;
    while (same + 1 < steps.size() && same < open_.size() && open_[same] == steps[same]) ++same;
    while (open_.size() > same) close();
    for (std::size_t i = same; i + 1 < steps.size(); ++i) open(steps[i]);
    begin_line();
    str::append(out_, steps.back(), ": ", setting.text, "\n");
  }
  std::string take() { return std::move(out_); }

 private:
  void open(std::string_view step) {
    const std::size_t bracket = step.find('[');
    const std::string_view name = step.substr(0, bracket);
    const bool is_element = bracket != std::string_view::npos;
    const bool is_first = !is_element || step.substr(bracket) == "[0]";
    if (is_first) {
      begin_line();
      str::append(out_, name, ":\n");
    }
    open_.emplace_back(step);
    indents_.push_back(indent_);
    indent_ += is_element ? 4 : 2;
    starts_element_ = is_element;
  }
  void close() {
    indent_ = indents_.back();
    indents_.pop_back();
    open_.pop_back();
  }
  void begin_line() {
    out_.append(indent_ - (starts_element_ ? 2 : 0), ' ');
    if (std::exchange(starts_element_, false)) out_.append("- ");
  }

  std::string out_;
  std::vector<std::string> open_;
  std::vector<std::size_t> indents_;
  std::size_t indent_ = 0;
  bool starts_element_ = false;  // the next line is the first of an element
};

const SettingText* find(std::span<const SettingText> settings, std::string_view path) {
  const auto at = std::ranges::find(settings, path, &SettingText::path);
  return at == settings.end() ? nullptr : &*at;
}

}  // namespace

std::vector<SettingText> settings_of(const Config& config) {
  std::vector<SettingText> out;
  Section root(out, "");
  root.word("dataDir", config.data_dir);
  root.word("logLevel", config.log_level);
  root.number("workers", config.workers);
  list_gateway(root.at("gateway"), config);
  list_listen(root.at("backend").at("listen"), config.backend.listen);
  Section limiter = root.at("limiter");
  list_listen(limiter.at("listen"), config.limiter.listen);
  Section default_limit = limiter.at("defaultLimit");
  list_bucket(default_limit, config.limiter.default_limit);
  limiter.size("memory", config.limiter.memory_bytes);
  limiter.url("adminUrl", config.limiter.admin_url);
  list_analytics(root.at("analytics"), config.analytics);
  list_admin(root.at("admin"), config.admin);
  return out;
}

std::string to_yaml(std::span<const SettingText> settings) {
  YamlWriter writer;
  for (const SettingText& setting : settings) writer.add(setting);
  return writer.take();
}

std::vector<SettingChange> changes_between(std::span<const SettingText> before, std::span<const SettingText> after) {
  std::vector<SettingChange> changes;
  for (const SettingText& setting : after) {
    const SettingText* const was = find(before, setting.path);
    if (was != nullptr && was->text == setting.text) continue;
    changes.push_back(
        {.path = setting.path, .from = was == nullptr ? std::nullopt : std::optional(was->text), .to = setting.text});
  }
  for (const SettingText& setting : before) {
    if (find(after, setting.path) == nullptr) {
      changes.push_back({.path = setting.path, .from = setting.text, .to = std::nullopt});
    }
  }
  return changes;
}

}  // namespace tollgate::config
