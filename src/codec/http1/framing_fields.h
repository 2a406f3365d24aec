// The values of Content-Length and Transfer-Encoding, read in the one way that no other parser reads differently.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tollgate::codec {

// Largest length taken: the integers that every JSON reader and log pipeline keeps exact.
inline constexpr std::uint64_t kContentLengthMax = (std::uint64_t{1} << 53) - 1;

// Digits only, no sign, no list, no leading zero, at most kContentLengthMax.
std::optional<std::uint64_t> parse_content_length(std::string_view value) noexcept;

enum class TransferCoding : std::uint8_t {
  chunked,    // exactly that
  unknown,    // a well-formed list of codings, other than plain `chunked`, that chunked may end
  malformed,  // anything else: `chunked` twice, not last or with parameters, empty elements, no list at all
};
TransferCoding parse_transfer_encoding(std::string_view value) noexcept;

}  // namespace tollgate::codec
