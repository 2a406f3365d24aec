// Limits in the file → LimitRule.
#pragma once

#include <vector>

#include "config/setting.h"
#include "core/policy/limit_rule.h"

namespace tollgate::config {

// Of "gateway.limits" or a route's. A limit with a problem is left out, and its problems reported.
std::vector<core::LimitRule> read_limits(const Setting& list);
// refillRate, maxBurst and tokensPerWindow of a section; what is absent keeps its value, tokensPerWindow follows
// maxBurst.
void read_bucket(const Setting& section, core::TokenBucketSpec& spec);

}  // namespace tollgate::config
