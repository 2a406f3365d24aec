// What a request target means: the four forms of RFC 9112 §3.2.
#pragma once

#include <string_view>

#include "codec/http1/head.h"
#include "codec/http1/refusal.h"

namespace tollgate::codec {

// Fills in the target's parts in `head`, whose method is set already. `target` lies in `buffer` and holds only
// characters that a URI may hold.
Refusal judge_target(std::string_view buffer, Slice target, RequestHead& head) noexcept;

}  // namespace tollgate::codec
