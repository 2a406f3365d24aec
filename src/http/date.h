// The Date header's value, made once a second per thread.
#pragma once

#include <string_view>

#include "base/clock.h"

namespace tollgate::http {

// "Tue, 15 Nov 1994 08:12:31 GMT" (RFC 9110 §5.6.7). Valid until this thread's next call.
std::string_view http_date(WallTime now);

}  // namespace tollgate::http
