// What other systems ask the limiter: one check, read strictly.
//
//   {"key":"…","cost":1,"peek":false}
//   {"limits":[{"name":"search","key":"user-7","tokensPerWindow":100,"refillRate":10,"maxBurst":100}, …],"cost":1}
//
// Pure. Thread safety: values.
#pragma once

#include <string>
#include <vector>

#include "codec/json/object_reader.h"
#include "core/limit/check.h"

namespace tollgate::services {

inline constexpr std::size_t kMaxSubjectBytes = 256;
inline constexpr std::size_t kMaxBatch = 1000;

// A limit whose numbers the caller brings along.
struct StatedLimit {
  std::string name;  // [a-z0-9_-], unique in its request
  std::string key;
  core::TokenBucket rule;
};

struct CheckRequest {
  std::string key;                  // empty: `limits` are given
  std::vector<StatedLimit> limits;  // at most core::kMaxChecks
  std::uint64_t cost = 1;
  bool peek = false;
};

// Faults go to the reader; use the result only when its finish() succeeds.
CheckRequest read_check_request(codec::JsonObjectReader& in);

Result<CheckRequest> parse_check_request(std::string_view body);
// {"checks":[…]}, 1 … kMaxBatch of them. One fault anywhere refuses all.
Result<std::vector<CheckRequest>> parse_check_batch(std::string_view body);

}  // namespace tollgate::services
