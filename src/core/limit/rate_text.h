// A bucket's rate as people read it. Pure. Thread safety: any.
#pragma once

#include <cstdint>
#include <string>

namespace tollgate::core {

// Tokens per second with as many decimals as needed, "0.5" or "10": exact.
std::string rate_text(std::uint64_t refill_micro);

}  // namespace tollgate::core
