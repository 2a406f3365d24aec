// The gateway's own answer to a request it does not forward. A flood of these must be cheap: what all refusals with one
// code share is written once, and the rest costs no allocation.
#pragma once

#include <string_view>

#include "services/gateway/request_context.h"

namespace tollgate::services {

struct Refusal {
  std::uint16_t status = 0;
  std::string_view bytes;  // the whole response, in the request's scratch
  Nanos retry_after{0};    // 0: not told
};

// For limits: names the limits that refused, the time to wait and the decision's id (one decision, one set of figures).
// `extra_lines` are header lines with CRLF.
Refusal write_refusal(RequestContext& context, const ErrorCode& code, std::string_view extra_lines);

}  // namespace tollgate::services
