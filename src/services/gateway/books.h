// Keeps the books: one record per request, written before the response's last byte is queued, and the worker's
// counters.
#pragma once

#include "services/gateway/request_context.h"

namespace tollgate::services {

struct Closing {
  std::uint16_t status = 0;
  core::Outcome outcome = core::Outcome::allowed;
  Nanos retry_after{0};
  std::uint64_t last_bytes = 0;  // about to be written
};

// At most once per request: later calls change nothing.
void close_books(RequestContext& context, const Closing& closing);

// A request that never became an exchange.
void record_refused(GatewayWorker& worker, const http::RefusedRequest& refused);

}  // namespace tollgate::services
