// A decision as other systems read it. Pure. Thread safety: any.
#pragma once

#include <string>

#include "codec/json/writer.h"
#include "http/response.h"
#include "services/limiter/check_plan.h"

namespace tollgate::services {

struct Decision {
  CheckPlan plan;
  core::LimitOutcome outcome;
  std::string id;
};

// {"allowed","decisionId","limits":[{"name","limit","remaining","resetMs","retryAfterMs"}]}; times are rounded up. A
// wait that would never end (the cost is more than the bucket can hold) is null.
void write_decision(codec::JsonWriter& json, const Decision& decision);

// 200 with that document and the RateLimit headers, or 429 with Retry-After and problem+json.
http::Response status_answer(const Decision& decision, std::uint64_t request_id);

// 1 ms for 1 ns: never before the moment.
std::uint64_t millis_rounded_up(Nanos duration);

}  // namespace tollgate::services
