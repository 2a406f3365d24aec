// /api/echo: tells the caller what arrived here, so that a test can see what a gateway did to it.
#pragma once

#include "http/request.h"

namespace tollgate::services {

inline constexpr std::size_t kEchoBodyBytes = 64 * 1024;  // of which the text is shown
inline constexpr std::size_t kEchoMaxBytes = 64u << 20;

// {"method","path","query","headers":[{"name","value"},…] in order, "bodyBytes","bodySha256","body" (null when longer
// or not UTF-8)}.
http::Response echo(http::Request& request);

}  // namespace tollgate::services
