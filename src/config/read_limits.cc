#include "config/read_limits.h"

#include <algorithm>

#include "config/values.h"

namespace tollgate::config {
namespace {

// The design has more kinds than this version; who asks for one of them should not be told that it is a spelling
// mistake.
Parsed<bool> parse_kind(std::string_view text) {
  if (text == "token_bucket") return true;
  return std::unexpected(str::cat("is ", quoted(text), "; this version has one kind of limit, token_bucket"));
}

bool read_scope(const Setting& scope, core::LimitScope& out) {
  static const Choice<bool core::LimitScope::*> kWords{{{"global", nullptr},
                                                        {"route", &core::LimitScope::route},
                                                        {"tier", &core::LimitScope::tier},
                                                        {"key", &core::LimitScope::key},
                                                        {"client_ip", &core::LimitScope::client_ip}}};
  scope.require();
  const std::vector<Setting> words = scope.elements();
  if (scope.is_empty_list()) scope.problem("is empty; write global for one bucket that all requests share");
  bool good = !words.empty();
  for (const Setting& word : words) {
    bool core::LimitScope::* part = nullptr;
    if (!word.read(part, kWords)) {
      good = false;
    } else if (part == nullptr && words.size() > 1) {
      word.problem("global stands alone: it is one bucket that all requests share");
      good = false;
    } else if (part != nullptr) {
      out.*part = true;
    }
  }
  return good;
}

bool read_limit(const Setting& limit, core::LimitRule& rule) {
  static const Choice<core::LimitMode> kModes{
      {{"enforce", core::LimitMode::enforce}, {"shadow", core::LimitMode::shadow}}};
  for (const std::string_view key : {"name", "refillRate", "maxBurst"}) limit[key].require();
  bool good = limit["name"].read(rule.name, parse_name);
  if (rule.name == "key") {
    limit["name"].problem("is \"key\", the name of the built-in limit of each API key");
    good = false;
  }
  bool kind = true;
  good = (!limit["kind"].present() || limit["kind"].read(kind, parse_kind)) && good;
  good = (!limit["mode"].present() || limit["mode"].read(rule.mode, kModes)) && good;
  good = read_scope(limit["scope"], rule.scope) && good;
  read_bucket(limit, rule.bucket);
  return core::TokenBucket::make(rule.bucket).has_value() && good;
}

}  // namespace

void read_bucket(const Setting& section, core::TokenBucketSpec& spec) {
  const Setting rate = section["refillRate"];
  const Setting burst = section["maxBurst"];
  const Setting window = section["tokensPerWindow"];
  const bool rate_read = rate.read(spec.refill_micro, parse_rate);
  const bool burst_read = burst.read(spec.max_burst, kTokens);
  if (burst_read) spec.tokens_per_window = spec.max_burst;
  const bool window_read = window.read(spec.tokens_per_window, kTokens);
  if (burst.present() != burst_read || rate.present() != rate_read || window.present() != window_read) return;
  if (spec.refill_micro == 0 || spec.max_burst == 0) return;  // reported as missing
  if (const auto bucket = core::TokenBucket::make(spec); !bucket) section.problem(bucket.error().detail());
}

std::vector<core::LimitRule> read_limits(const Setting& list) {
  constexpr std::size_t kMaxListed = 64;  // far more than a request may meet
  std::vector<core::LimitRule> rules;
  const std::vector<Setting> limits = list.elements();
  if (limits.size() > kMaxListed) {
    list.problem(str::cat("has ", limits.size(), " limits; at most ", kMaxListed, " are allowed"));
    return rules;
  }
  for (const Setting& limit : limits) {
    core::LimitRule rule;
    if (!read_limit(limit, rule)) continue;
    if (std::ranges::find(rules, rule.name, &core::LimitRule::name) != rules.end()) {
      limit["name"].problem(str::cat("the limit name ", quoted(rule.name), " is used twice here"));
      continue;
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace tollgate::config
