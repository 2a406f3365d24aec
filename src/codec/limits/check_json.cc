#include "codec/limits/check_json.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"
#include "codec/json/parse.h"

namespace tollgate::codec {

namespace {

constexpr std::size_t kBucketDigits = 32;
constexpr UintRange kNanos{.max = std::numeric_limits<std::int64_t>::max()};
constexpr JsonWord<core::Verdict> kVerdicts[] = {
    {"allowed", core::Verdict::allowed}, {"denied", core::Verdict::denied}, {"impossible", core::Verdict::impossible}};

std::string_view verdict_word(core::Verdict verdict) {
  for (const auto& word : kVerdicts) {
    if (word.value == verdict) return word.word;
  }
  assertion_failed("every verdict has a word", __FILE__, __LINE__);
}

void append_hex(std::string& out, std::uint64_t number) {
  for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[(number >> shift) & 15];
}

std::optional<std::uint64_t> parse_hex(std::string_view digits) {
  std::uint64_t number = 0;
  for (const char c : digits) {
    const bool letter = c >= 'a' && c <= 'f';
    if (!letter && (c < '0' || c > '9')) return std::nullopt;
    number = number << 4 | static_cast<std::uint64_t>(letter ? c - 'a' + 10 : c - '0');
  }
  return number;
}

Hash128 read_bucket(JsonObjectReader& in) {
  const std::string digits = in.required_string("bucket", {.min = kBucketDigits, .max = kBucketDigits});
  if (digits.empty()) return {};
  const auto high = parse_hex(std::string_view(digits).substr(0, kBucketDigits / 2));
  const auto low = parse_hex(std::string_view(digits).substr(kBucketDigits / 2));
  if (!high || !low) in.fail("bucket", "must be 32 hexadecimal digits in lower case");
  return {.low = low.value_or(0), .high = high.value_or(0)};
}

Nanos read_nanos(JsonObjectReader& in, std::string_view name) {
  return Nanos(static_cast<std::int64_t>(in.required_uint(name, kNanos)));
}

}  // namespace

void write_check(JsonWriter& json, const core::LimitCheck& check) {
  const core::TokenBucketSpec& spec = check.rule->spec();
  std::string bucket;
  append_hex(bucket, check.bucket.high);
  append_hex(bucket, check.bucket.low);
  json.begin_object()
      .member("bucket", bucket)
      .member("refillMicro", spec.refill_micro)
      .member("maxBurst", spec.max_burst)
      .member("tokensPerWindow", spec.tokens_per_window)
      .member("cost", check.cost)
      .member("createdNs", std::max<std::int64_t>(0, check.created.time_since_epoch().count()))
      .member("shadow", check.shadow)
      .end_object();
}

void read_check(JsonObjectReader& in, OwnedChecks& out) {
  TG_ASSERT(out.rules.size() < out.rules.capacity());  // growing would move what checks point to
  core::LimitCheck check{.bucket = read_bucket(in)};
  const core::TokenBucketSpec spec{.refill_micro = in.required_uint("refillMicro", {}),
                                   .max_burst = in.required_uint("maxBurst", {}),
                                   .tokens_per_window = in.required_uint("tokensPerWindow", {})};
  check.cost = in.required_uint("cost", {});
  check.created = WallTime(read_nanos(in, "createdNs"));
  check.shadow = in.required_bool("shadow");
  const auto rule = core::TokenBucket::make(spec);
  if (!rule) in.fail("maxBurst", rule.error().detail());
  out.rules.push_back(rule.value_or(core::TokenBucket{}));
  check.rule = &out.rules.back();
  out.checks.push_back(check);
}

void write_answer(JsonWriter& json, const core::LimitAnswer& answer) {
  json.begin_object()
      .member("verdict", verdict_word(answer.verdict))
      .member("remaining", answer.remaining)
      .member("levelBefore", answer.level_before)
      .member("retryAfterNs", answer.retry_after.count())
      .member("untilFullNs", answer.until_full.count())
      .end_object();
}

core::LimitAnswer read_answer(JsonObjectReader& in) {
  return {.verdict = in.required_word<core::Verdict>("verdict", kVerdicts),
          .remaining = in.required_uint("remaining", {}),
          .level_before = in.required_uint("levelBefore", {}),
          .retry_after = read_nanos(in, "retryAfterNs"),
          .until_full = read_nanos(in, "untilFullNs")};
}

std::string encode_seed(std::uint64_t seed) {
  std::string out = R"({"seed":")";
  append_hex(out, seed);
  return out + R"("})";
}

}  // namespace tollgate::codec
