#include "codec/limits/apply_protocol.h"

#include <algorithm>

#include "base/str.h"
#include "codec/json/parse.h"
#include "codec/limits/check_json.h"

namespace tollgate::codec {

namespace {

constexpr JsonLimits kDocument{.max_bytes = kMaxApplyBytes, .max_depth = 8};
constexpr std::size_t kMaxErrorBytes = 1024;

void write_group(JsonWriter& json, const ApplyGroup& group) {
  json.begin_object().member("peek", group.peek).key("checks").begin_array();
  for (const core::LimitCheck& check : group.checks) write_check(json, check);
  json.end_array().end_object();
}

OwnedChecks read_group(JsonObjectReader& in) {
  OwnedChecks group;
  group.peek = in.required_bool("peek");
  const std::vector<JsonObjectReader*> checks = in.optional_objects("checks", core::kMaxChecks);
  if (checks.empty()) in.fail("checks", "must have 1 to 8 elements");
  group.rules.reserve(checks.size());
  for (JsonObjectReader* check : checks) read_check(*check, group);
  return group;
}

void write_outcome(JsonWriter& json, const GroupOutcome& group) {
  json.begin_object();
  if (!group.outcome) {
    json.member("error", std::string_view(group.outcome.error().detail()).substr(0, kMaxErrorBytes)).end_object();
    return;
  }
  json.member("allowed", group.outcome->allowed);
  json.member("refusedBy", static_cast<int>(group.outcome->refused_by));
  json.member("retired", group.outcome->retired);
  json.key("answers").begin_array();
  for (std::size_t i = 0; i < group.checks; ++i) write_answer(json, group.outcome->answers[i]);
  json.end_array().end_object();
}

// -1 stands for none, so the number is signed, and the reader knows unsigned ones alone.
std::int8_t read_refused_by(JsonObjectReader& in, std::size_t checks) {
  const JsonValue* value = in.any("refusedBy");
  if (value != nullptr) {
    if (const auto* number = value->get_if<std::int64_t>(); number != nullptr && *number == -1) return -1;
    if (const auto* number = value->get_if<std::uint64_t>(); number != nullptr && *number < checks) {
      return static_cast<std::int8_t>(*number);
    }
  }
  in.fail("refusedBy", str::cat("must be -1 or the index of one of ", checks, " checks"));
  return -1;
}

Result<core::LimitOutcome> read_outcome(JsonObjectReader& in, std::size_t checks) {
  if (const auto error = in.optional_string("error", {.max = kMaxErrorBytes}))
    return fail(codes::limiter_unavailable, *error);
  core::LimitOutcome outcome{.allowed = in.required_bool("allowed"),
                             .refused_by = read_refused_by(in, checks),
                             .retired = in.required_bool("retired"),
                             .answers = {}};
  const std::vector<JsonObjectReader*> answers = in.optional_objects("answers", core::kMaxChecks);
  if (answers.size() != checks) in.fail("answers", str::cat("must have ", checks, " elements"));
  for (std::size_t i = 0; i < answers.size(); ++i) outcome.answers[i] = read_answer(*answers[i]);
  return outcome;
}

// A document whose members `names` are checks.
Result<OwnedChecks> decode_checks(std::string_view text, std::initializer_list<std::string_view> names) {
  TG_TRY(const JsonValue document, parse_json(text, kDocument));
  JsonObjectReader in(document);
  OwnedChecks out;
  out.rules.reserve(names.size());
  for (const std::string_view name : names) {
    if (JsonObjectReader* check = in.optional_object(name)) {
      read_check(*check, out);
    } else {
      in.fail(name, "is required");
    }
  }
  if (auto done = in.finish(); !done) return std::unexpected(std::move(done).error());
  return out;
}

}  // namespace

std::string encode_apply(std::span<const ApplyGroup> groups) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("groups").begin_array();
  for (const ApplyGroup& group : groups) write_group(json, group);
  json.end_array().end_object();
  return out;
}

Result<std::vector<OwnedChecks>> decode_apply(std::string_view text) {
  TG_TRY(const JsonValue document, parse_json(text, kDocument));
  JsonObjectReader in(document);
  std::vector<OwnedChecks> groups;
  for (JsonObjectReader* group : in.optional_objects("groups", kMaxApplyGroups)) groups.push_back(read_group(*group));
  if (groups.empty()) in.fail("groups", "must have at least one element");
  if (auto done = in.finish(); !done) return std::unexpected(std::move(done).error());
  return groups;
}

std::string encode_outcomes(std::span<const GroupOutcome> outcomes) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("outcomes").begin_array();
  for (const GroupOutcome& outcome : outcomes) write_outcome(json, outcome);
  json.end_array().end_object();
  return out;
}

Result<std::vector<Result<core::LimitOutcome>>> decode_outcomes(std::string_view text,
                                                                std::span<const ApplyGroup> groups) {
  TG_TRY(const JsonValue document, parse_json(text, kDocument));
  JsonObjectReader in(document);
  const std::vector<JsonObjectReader*> found = in.optional_objects("outcomes", kMaxApplyGroups);
  if (found.size() != groups.size()) in.fail("outcomes", str::cat("must have ", groups.size(), " elements"));
  std::vector<Result<core::LimitOutcome>> outcomes;
  for (std::size_t i = 0; i < std::min(found.size(), groups.size()); ++i) {
    outcomes.push_back(read_outcome(*found[i], groups[i].checks.size()));
  }
  if (auto done = in.finish(); !done) return std::unexpected(std::move(done).error());
  return outcomes;
}

std::string encode_check(const core::LimitCheck& check) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("check");
  write_check(json, check);
  json.end_object();
  return out;
}

Result<OwnedChecks> decode_check(std::string_view text) {
  return decode_checks(text, {"check"});
}

std::string encode_answer(const core::LimitAnswer& answer) {
  std::string out;
  JsonWriter json(out);
  write_answer(json, answer);
  return out;
}

Result<core::LimitAnswer> decode_answer(std::string_view text) {
  TG_TRY(const JsonValue document, parse_json(text, kDocument));
  JsonObjectReader in(document);
  const core::LimitAnswer answer = read_answer(in);
  if (auto done = in.finish(); !done) return std::unexpected(std::move(done).error());
  return answer;
}

std::string encode_migration(const core::LimitCheck& from, const core::LimitCheck& to) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("from");
  write_check(json, from);
  json.key("to");
  write_check(json, to);
  json.end_object();
  return out;
}

Result<OwnedChecks> decode_migration(std::string_view text) {
  return decode_checks(text, {"from", "to"});
}

}  // namespace tollgate::codec
