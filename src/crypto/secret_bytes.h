// Handling of bytes that nobody may learn: comparing without telling where they differ, and wiping.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "crypto/sha256.h"

namespace tollgate::crypto {

// Takes the same time wherever the two differ. Their lengths are no secret.
bool constant_time_equal(std::string_view a, std::string_view b) noexcept;
bool constant_time_equal(const Digest256& a, const Digest256& b) noexcept;

// Overwrites and empties; the compiler may not leave it out.
void cleanse(std::string& secret) noexcept;

}  // namespace tollgate::crypto
