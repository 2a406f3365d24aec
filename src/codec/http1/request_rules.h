// The rules that only a whole request head can be held against: Host, framing, Connection, credentials, Expect.
#pragma once

#include <string_view>

#include "codec/http1/field_scanner.h"
#include "codec/http1/head.h"
#include "codec/http1/refusal.h"

namespace tollgate::codec {

// Fills in what follows from the fields and marks those that are not forwarded. The order of the rules is fixed, so
// that a head with several faults has one verdict; what is wrong comes before what is merely not supported.
Refusal judge_request(std::string_view buffer, const FieldCensus& census, RequestHead& head) noexcept;

}  // namespace tollgate::codec
