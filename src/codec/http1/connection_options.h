// The Connection field: what it says about the connection, and which fields it makes hop-by-hop.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "codec/http1/head.h"

namespace tollgate::codec {

struct ConnectionOptions {
  enum class Fault : std::uint8_t { none, malformed, too_many, forbidden };

  Fault fault = Fault::none;
  bool close = false;
  bool upgrade = false;
};

// Reads every Connection field among `fields` and marks the fields they nominate as dropped (RFC 9110 §7.6.1).
// Nominating one of `forbidden` (see header_bits) is a fault.
ConnectionOptions apply_connection_options(std::string_view buffer, std::span<HeaderField> fields,
                                           std::uint32_t forbidden) noexcept;

}  // namespace tollgate::codec
