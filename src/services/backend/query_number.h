// Whole numbers in query parameters.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/str.h"
#include "http/request.h"

namespace tollgate::services {

struct QueryNumber {
  std::string_view name;
  std::uint64_t otherwise = 0;  // when the parameter is absent
  std::uint64_t max = 0;
};

// Fails with invalid_parameter, naming the parameter and its range.
inline Result<std::uint64_t> query_number(const http::Request& request, const QueryNumber& wanted) {
  const auto text = request.query(wanted.name);
  if (!text) return wanted.otherwise;
  const auto number = str::parse_int<std::uint64_t>(*text);
  if (!number || *number > wanted.max) {
    return fail(codes::invalid_parameter,
                str::cat("\"", wanted.name, "\" must be a whole number from 0 to ", wanted.max));
  }
  return *number;
}

}  // namespace tollgate::services
