#include "services/limiter/check_request.h"

#include <algorithm>

#include "base/str.h"
#include "codec/json/parse.h"
#include "codec/limits/refill_rate.h"

namespace tollgate::services {

using codec::JsonObjectReader;

namespace {

constexpr codec::UintRange kTokens{.min = 1, .max = 1'000'000'000'000};
constexpr codec::UintRange kCosts{.min = 0, .max = 1'000'000'000'000};
constexpr codec::JsonLimits kBatchDocument{.max_bytes = 4u << 20, .max_depth = 8};

bool is_limit_name(std::string_view name) {
  return std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; });
}

StatedLimit read_limit(JsonObjectReader& in) {
  StatedLimit limit;
  limit.name = in.required_string("name", {.min = 1, .max = 40});
  if (!is_limit_name(limit.name)) in.fail("name", "must be of a-z, 0-9, _ and -");
  limit.key = in.required_string("key", {.min = 1, .max = kMaxSubjectBytes});
  core::TokenBucketSpec spec;
  spec.refill_micro = codec::required_refill_rate(in);
  spec.tokens_per_window = in.required_uint("tokensPerWindow", kTokens);
  spec.max_burst = in.optional_uint("maxBurst", kTokens).value_or(spec.tokens_per_window);
  const auto rule = core::TokenBucket::make(spec);
  if (!rule) in.fail("maxBurst", rule.error().detail());
  limit.rule = rule.value_or(core::TokenBucket{});
  return limit;
}

void read_limits(JsonObjectReader& in, std::vector<StatedLimit>& limits) {
  for (JsonObjectReader* inner : in.optional_objects("limits", core::kMaxChecks)) {
    StatedLimit limit = read_limit(*inner);
    const auto same_name = [&](const StatedLimit& other) { return other.name == limit.name; };
    if (std::ranges::any_of(limits, same_name)) inner->fail("name", "is the name of an earlier limit");
    limits.push_back(std::move(limit));
  }
}

}  // namespace

CheckRequest read_check_request(JsonObjectReader& in) {
  CheckRequest request;
  request.key = in.optional_string("key", {.min = 1, .max = kMaxSubjectBytes}).value_or("");
  read_limits(in, request.limits);
  if (in.has("key") && in.has("limits")) {
    in.fail("limits", "cannot stand beside \"key\"");
  } else if (in.has("limits") && request.limits.empty()) {
    in.fail("limits", str::cat("must have 1 to ", core::kMaxChecks, " elements"));
  } else if (!in.has("key") && !in.has("limits")) {
    in.fail("key", "is required, or \"limits\"");
  }
  request.cost = in.optional_uint("cost", kCosts).value_or(1);
  request.peek = in.optional_bool("peek").value_or(false);
  return request;
}

Result<CheckRequest> parse_check_request(std::string_view body) {
  TG_TRY(const codec::JsonValue document, codec::parse_json(body));
  JsonObjectReader in(document);
  CheckRequest request = read_check_request(in);
  if (auto done = in.finish(); !done) return std::unexpected(std::move(done).error());
  return request;
}

Result<std::vector<CheckRequest>> parse_check_batch(std::string_view body) {
  TG_TRY(const codec::JsonValue document, codec::parse_json(body, kBatchDocument));
  JsonObjectReader in(document);
  std::vector<CheckRequest> requests;
  for (JsonObjectReader* check : in.optional_objects("checks", kMaxBatch))
    requests.push_back(read_check_request(*check));
  if (requests.empty()) in.fail("checks", str::cat("must have 1 to ", kMaxBatch, " elements"));
  if (auto done = in.finish(); !done) return std::unexpected(std::move(done).error());
  return requests;
}

}  // namespace tollgate::services
