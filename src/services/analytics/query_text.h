// What every query string of the analytics endpoints is checked for. Errors are invalid_parameter and name the
// parameter. Thread safety: pure.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "http/request.h"

namespace tollgate::services {

std::unexpected<Error> bad_parameter(std::string_view name, std::string_view what);

// Fails for a parameter that is not among `known`, with the nearest that is.
Result<void> expect_parameters(const http::Request& request, const std::vector<std::string_view>& known);
// RFC 3339, rounded down to whole seconds.
Result<WallTime> read_time(const http::Request& request, std::string_view name, WallTime otherwise);
// 1 … 1000.
Result<std::size_t> read_count(const http::Request& request, std::string_view name, std::size_t otherwise);

}  // namespace tollgate::services
