// CRC32C (Castagnoli, SSE4.2) for records on disk, CRC32 (IEEE) for the checksum that ends an API key.
#pragma once

#include <cstdint>
#include <string_view>

namespace tollgate {

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0) noexcept;
std::uint32_t crc32_ieee(std::string_view bytes) noexcept;

}  // namespace tollgate
