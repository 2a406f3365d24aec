// How endpoints answer that have failed, in one way.
#pragma once

#include <cstdint>
#include <utility>

#include "base/error.h"
#include "http/response.h"
#include "telemetry/log.h"

namespace tollgate::services {

// What is not the caller's fault goes to the operator's log too.
inline http::Response failed(const Error& error, std::uint64_t request_id) {
  if (error.code().source != ErrorSource::caller) telemetry::log_error("analytics", "request failed", error);
  return http::problem(error, request_id);
}

inline http::Response answer(Result<http::Response> result, std::uint64_t request_id) {
  return result ? *std::move(result) : failed(result.error(), request_id);
}

}  // namespace tollgate::services
