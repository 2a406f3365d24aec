// The upstream's response on its way back: its head rewritten, its body re-framed and passed on as it arrives.
#pragma once

#include "http/upstream.h"
#include "services/gateway/request_context.h"

namespace tollgate::services {

struct RelayResult {
  // The upstream's side is clean: its response was read to its end, and it wants to go on.
  bool reusable = false;
  // The body was broken before anything was sent: the client can still be told.
  const ErrorCode* error = nullptr;
};

struct RelaySettings {
  Millis upstream_idle;  // between two pieces of the body
  MonoTime total_deadline;
};

// The response's head is in context.scratch.response, its bytes at the front of upstream.in().
// Ends the exchange's response, or aborts it (or returns an error, if nothing was sent) when the upstream's body breaks
// off; closes the books either way.
Task<RelayResult> relay_response(RequestContext& context, http::UpstreamConnection& upstream, RelaySettings settings);

// Passes an interim response (103) on to the client.
Task<void> relay_interim(RequestContext& context, const codec::ResponseHead& head, std::string_view bytes);

}  // namespace tollgate::services
