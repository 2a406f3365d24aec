// The stable codes that an operator greps for and a caller branches on. One descriptor per code, listed once, here;
// api/errors.yaml is the same list for readers outside, and a test keeps the two equal.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tollgate {

// What went wrong, in the words that decide the HTTP status.
enum class ErrorKind : std::uint8_t {
  invalid_input,
  unauthenticated,
  forbidden,
  not_found,
  method_not_allowed,
  conflict,
  precondition_failed,
  too_large,
  limited,
  not_implemented,
  upstream,
  unavailable,
  timeout,
  io,
  corrupt,
  internal,
};

// Who can do something about it.
enum class ErrorSource : std::uint8_t { caller, tollgate, upstream, operator_config };

// Set where the error is born: `safe` only when nothing can have run on the other side.
enum class Retry : std::uint8_t { never, safe };

struct ErrorCode {
  std::string_view name;  // stable, snake_case
  ErrorKind kind;
  ErrorSource source;
  Retry retry;
  std::uint16_t status;     // HTTP status when a request ends with it; 0: never reaches a client
  std::string_view caller;  // what the client is told; says the next step where there is one
  std::uint16_t number;     // its place in codes::kAll: for tables by code, never shown
};

namespace codes {

#define TG_ERROR_CODES(X)                                                                                              \
  /* the request itself */                                                                                             \
  X(bad_request, invalid_input, caller, never, 400, "The request is not valid HTTP/1.1.")                              \
  X(ambiguous_framing, invalid_input, caller, never, 400, "The request's length is ambiguous.")                        \
  X(bad_target, invalid_input, caller, never, 400, "The request target is not a valid path.")                          \
  X(bad_host, invalid_input, caller, never, 400, "Exactly one valid Host header is required.")                         \
  X(bad_body, invalid_input, caller, never, 400, "The request body is not framed correctly.")                          \
  X(invalid_document, invalid_input, caller, never, 400, "The request body is not what this endpoint takes.")          \
  X(invalid_parameter, invalid_input, caller, never, 400, "A query parameter is not valid.")                           \
  X(ambiguous_credential, invalid_input, caller, never, 400, "Send one credential, once.")                             \
  X(unsupported_media_type, invalid_input, caller, never, 415, "Send Content-Type: application/json.")                 \
  X(payload_too_large, too_large, caller, never, 413, "The request body is larger than this endpoint takes.")          \
  X(uri_too_long, too_large, caller, never, 414, "The request target is longer than 8 KiB.")                           \
  X(headers_too_large, too_large, caller, never, 431, "The request's header fields are too many or too large.")        \
  X(expectation_failed, invalid_input, caller, never, 417, "Only Expect: 100-continue is supported.")                  \
  X(request_timeout, timeout, caller, never, 408, "The request did not arrive in time.")                               \
  X(not_implemented, not_implemented, caller, never, 501, "This method or transfer coding is not implemented.")        \
  X(version_not_supported, not_implemented, caller, never, 505, "Use HTTP/1.1.")                                       \
  X(method_not_allowed, method_not_allowed, caller, never, 405, "This method is not allowed here.")                    \
  X(not_found, not_found, caller, never, 404, "There is nothing at this path.")                                        \
  /* who is calling */                                                                                                 \
  X(unauthenticated, unauthenticated, caller, never, 401, "Send a valid API key in X-API-Key.")                        \
  X(unauthenticated_admin, unauthenticated, caller, never, 401, "Log in at POST /api/admin/login and send the token.") \
  X(login_failed, unauthenticated, caller, never, 401, "User name or password is wrong.")                              \
  X(login_throttled, limited, caller, never, 429, "Too many failed logins. Wait and try again.")                       \
  X(auth_throttled, limited, caller, never, 429, "Too many failed attempts from this address. Wait and try again.")    \
  X(forbidden, forbidden, caller, never, 403, "This caller may not do that.")                                          \
  X(csrf, forbidden, caller, never, 403, "Send X-Tollgate-Csrf: 1, from a page of this origin.")                       \
  X(key_disabled, unauthenticated, caller, never, 401, "This API key is disabled or expired.")                         \
  /* limits */                                                                                                         \
  X(rate_limited, limited, caller, never, 429, "The limit is used up. Try again after Retry-After.")                   \
  X(cost_exceeds_limit, limited, caller, never, 429, "This request costs more than its limit can ever hold.")          \
  X(limiter_unavailable, unavailable, tollgate, safe, 503, "The limit cannot be checked right now.")                   \
  /* upstreams */                                                                                                      \
  X(upstream_connect_failed, upstream, upstream, safe, 502, "The upstream refused the connection.")                    \
  X(upstream_connect_timeout, timeout, upstream, safe, 504, "The upstream did not accept the connection in time.")     \
  X(upstream_timeout, timeout, upstream, never, 504, "The upstream did not answer in time.")                           \
  X(upstream_closed, upstream, upstream, never, 502, "The upstream closed the connection without an answer.")          \
  X(upstream_invalid_response, upstream, upstream, never, 502, "The upstream's answer is not valid HTTP.")             \
  X(upstream_truncated, upstream, upstream, never, 502, "The upstream's answer ended early.")                          \
  X(loop_detected, upstream, operator_config, never, 508, "This request has already passed through this gateway.")     \
  X(overloaded, unavailable, tollgate, safe, 503, "The server is at capacity. Try again shortly.")                     \
  X(draining, unavailable, tollgate, safe, 503, "The server is shutting down. Try again.")                             \
  /* control plane */                                                                                                  \
  X(conflict, conflict, caller, never, 409, "Something with this name exists already, or is still in use.")            \
  X(last_admin, conflict, caller, never, 409, "This is the last admin. Make another one first.")                       \
  X(needs_restart, conflict, caller, never, 409, "Some of these settings take effect with a restart only.")            \
  X(precondition_failed, precondition_failed, caller, never, 412, "It changed since you read it. Read it again.")      \
  X(key_not_found, not_found, caller, never, 404, "No such API key.")                                                  \
  X(decision_not_found, not_found, caller, never, 404, "No such decision.")                                            \
  X(tier_not_found, not_found, caller, never, 404, "No such tier.")                                                    \
  X(busy, unavailable, tollgate, safe, 503, "Too many expensive requests at once. Try again shortly.")                 \
  X(store_unavailable, unavailable, tollgate, safe, 503, "The store cannot be reached right now.")                     \
  /* start-up and operation: operators see these, clients never */                                                     \
  X(config_invalid, invalid_input, operator_config, never, 0, "")                                                      \
  X(weak_secret, invalid_input, operator_config, never, 0, "")                                                         \
  X(address_in_use, io, operator_config, never, 0, "")                                                                 \
  X(data_dir_unusable, io, operator_config, never, 0, "")                                                              \
  X(data_dir_in_use, conflict, operator_config, never, 0, "")                                                          \
  X(store_corrupt, corrupt, operator_config, never, 0, "")                                                             \
  X(io_failed, io, tollgate, never, 500, "Something failed on the server's side.")                                     \
  X(cancelled, unavailable, tollgate, never, 503, "The operation was cancelled.")                                      \
  X(internal, internal, tollgate, never, 500, "Something failed on the server's side.")

namespace numbers {
#define TG_NUMBER_CODE(id, kind_, source_, retry_, status_, caller_) id,
enum Number : std::uint16_t { TG_ERROR_CODES(TG_NUMBER_CODE) };
#undef TG_NUMBER_CODE
}  // namespace numbers

#define TG_DEFINE_CODE(id, kind_, source_, retry_, status_, caller_)                            \
  inline constexpr ErrorCode id{#id,     ErrorKind::kind_, ErrorSource::source_, Retry::retry_, \
                                status_, caller_,          numbers::id};
TG_ERROR_CODES(TG_DEFINE_CODE)
#undef TG_DEFINE_CODE

#define TG_LIST_CODE(id, kind_, source_, retry_, status_, caller_) &(id),
inline constexpr auto kAll = std::to_array<const ErrorCode*>({TG_ERROR_CODES(TG_LIST_CODE)});
#undef TG_LIST_CODE
#undef TG_ERROR_CODES

}  // namespace codes
}  // namespace tollgate
