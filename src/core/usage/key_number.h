// A key id as a number, in the order of its text: comparing and storing it takes one word. 0: no key.
//
// Pure. Thread safety: any.
#pragma once

#include <cstdint>

#include "core/access/api_key.h"

namespace tollgate::core {

inline constexpr std::uint64_t kKeyNumberMax = 839'299'365'868'340'224;  // 62^10
// Bytes that are no key id become "no key".
std::uint64_t key_number(const KeyId& id);
KeyId key_of_number(std::uint64_t number);  // at most kKeyNumberMax

}  // namespace tollgate::core
