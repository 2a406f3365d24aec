// How gateways ask a limiter in another process: ports::LimitStore as JSON, exact (whole nanoseconds, micro-tokens).
//
//   POST /api/limiter/apply    {"groups":[{"peek":false,"checks":[CHECK, …]}, …]} → {"outcomes":[OUTCOME, …]}, in order
//   POST /api/limiter/read     {"check":CHECK}           → ANSWER
//   POST /api/limiter/reset    {"check":CHECK}           → 204
//   POST /api/limiter/migrate  {"from":CHECK,"to":CHECK} → 204
//   GET  /api/limiter/seed     → {"seed":"16 hex digits"}: what bucket identities are hashed with
//
//   CHECK    {"bucket":"32 hex
//   digits","refillMicro":…,"maxBurst":…,"tokensPerWindow":…,"cost":…,"createdNs":…,"shadow":…} ANSWER
//   {"verdict":"allowed","remaining":…,"levelBefore":…,"retryAfterNs":…,"untilFullNs":…} OUTCOME
//   {"allowed":…,"refusedBy":…,"retired":…,"answers":[ANSWER, …]}, one answer a check; or {"error":"why"}
//
// Each group is all or nothing; groups do not depend on each other. Numbers are those of core/limit/check.h; createdNs
// counts from 1970. Decoders refuse anything else with invalid_document. Pure. Thread safety: any.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/limit/check.h"

namespace tollgate::codec {

inline constexpr std::size_t kMaxApplyGroups = 256;
inline constexpr std::size_t kMaxApplyBytes = 1u << 20;  // 256 groups of 8 checks take about half of it

struct ApplyGroup {
  std::span<const core::LimitCheck> checks;
  bool peek = false;
};

// Checks together with the rules they point to. Moves keep the pointers right; there are no copies.
struct OwnedChecks {
  std::vector<core::TokenBucket> rules;
  std::vector<core::LimitCheck> checks;
  bool peek = false;

  OwnedChecks() = default;
  ~OwnedChecks() = default;
  OwnedChecks(const OwnedChecks&) = delete;
  OwnedChecks& operator=(const OwnedChecks&) = delete;
  OwnedChecks(OwnedChecks&&) = default;
  OwnedChecks& operator=(OwnedChecks&&) = default;
};

struct GroupOutcome {
  Result<core::LimitOutcome> outcome;
  std::size_t checks = 0;  // how many of the answers mean something
};

std::string encode_apply(std::span<const ApplyGroup> groups);
Result<std::vector<OwnedChecks>> decode_apply(std::string_view text);

std::string encode_outcomes(std::span<const GroupOutcome> outcomes);
// `groups`: what was asked. An error inside becomes limiter_unavailable.
Result<std::vector<Result<core::LimitOutcome>>> decode_outcomes(std::string_view text,
                                                                std::span<const ApplyGroup> groups);

std::string encode_check(const core::LimitCheck& check);
Result<OwnedChecks> decode_check(std::string_view text);  // exactly one

std::string encode_answer(const core::LimitAnswer& answer);
Result<core::LimitAnswer> decode_answer(std::string_view text);

std::string encode_migration(const core::LimitCheck& from, const core::LimitCheck& to);
Result<OwnedChecks> decode_migration(std::string_view text);  // from, to

std::string encode_seed(std::uint64_t seed);

}  // namespace tollgate::codec
