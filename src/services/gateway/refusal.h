// The gateway's own answer to a request it does not forward. A flood of these must be cheap: the head and the body are
// put together in one string each.
#pragma once

#include <string>

#include "services/gateway/request_context.h"

namespace tollgate::services {

struct Refusal {
  std::uint16_t status = 0;
  std::string body;         // problem+json
  std::string extra_lines;  // header lines with CRLF
  Nanos retry_after{0};     // 0: not told
};

// For limits: names the limits that refused, the time to wait and the decision's id (DESIGN: one decision, one set of
// figures).
Refusal make_refusal(const RequestContext& context, const ErrorCode& code);

Task<void> send_refusal(RequestContext& context, const Refusal& refusal);

}  // namespace tollgate::services
