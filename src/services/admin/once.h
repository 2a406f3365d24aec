// Requests that are done once, however often they are sent: those with an Idempotency-Key.
//
// A repetition, by the same caller with the same key, path and body, does nothing: it is answered with what the first
// one changed, as that is now, and `Idempotency-Replayed: true`. The same key with another path or body is conflict. A
// request that failed does not count. Of callers who send the same request at the same time, one does it.
// Thread safety: pure; the store's calls block.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "http/request.h"
#include "http/response.h"
#include "ports/key_store.h"

namespace tollgate::services {

// `mark` goes along with the write that the request asks for; null: it may be done again.
using Change = std::function<Result<http::Response>(http::Request& request, const ports::RequestMark* mark)>;
// Shows what a request changed before.
using ShowAgain = std::function<Result<http::Response>(http::Request& request, const std::string& changed)>;

// Nothing without an Idempotency-Key; invalid_parameter when it is longer than 255 characters. After the guard.
Result<std::optional<ports::RequestMark>> request_mark(http::Request& request);
// Blocks.
Result<http::Response> do_once(http::Request& request, ports::KeyStore& store, const Change& change,
                               const ShowAgain& show_again);
http::Response as_replay(http::Response response);

}  // namespace tollgate::services
