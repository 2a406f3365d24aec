// Sends a request to one of its route's upstreams and relays the answer.
#pragma once

#include "services/gateway/request_context.h"

namespace tollgate::services {

struct ForwardSettings {
  const config::Timeouts& timeouts;
  std::string_view via;
  bool abort_on_client_close = false;
};

// Nothing: the client has been answered (or the exchange aborted). Otherwise the error to answer it with; then nothing
// has been sent to the client yet.
Task<const ErrorCode*> forward(RequestContext& context, ForwardSettings settings);

}  // namespace tollgate::services
