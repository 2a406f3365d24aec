// Which single requests a query string asks for. Thread safety: pure.
#pragma once

#include "core/usage/record_filter.h"
#include "http/request.h"
#include "ports/request_log.h"

namespace tollgate::services {

// key, route, tier, consumer, status (429 or 4xx), outcome, method, client, from, to. Parameters named in `more` are
// allowed besides. Errors: invalid_parameter.
Result<core::RecordFilter> read_record_filter(const http::Request& request, const std::vector<std::string_view>& more);
// These, and limit and cursor.
Result<ports::RequestQuery> read_request_query(const http::Request& request);

}  // namespace tollgate::services
