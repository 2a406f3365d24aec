// Randomness from the kernel, for secrets and seeds. Aborts if the kernel has none: nothing safe can be done without.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace tollgate {

void fill_random(std::span<std::byte> out) noexcept;
std::uint64_t random_u64() noexcept;
// `length` characters of [0-9A-Za-z], each uniform (5.95 bits).
std::string random_base62(std::size_t length);

}  // namespace tollgate
