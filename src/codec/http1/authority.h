// host[:port] as it stands in Host and in request targets, to RFC 3986 §3.2 without userinfo.
// Stricter than the grammar in three points, because requests are routed by it: no comma, no IPvFuture, and escapes
// only for bytes of UTF-8 sequences (§3.2.2 allows them nowhere else), so that one ASCII name has one spelling but for
// case.
#pragma once

#include <optional>
#include <string_view>

namespace tollgate::codec {

struct Authority {
  std::string_view host;  // with brackets for IPv6; never empty
  std::string_view port;  // 1 … 65535 in digits; empty when absent or after a bare ':'
};

std::optional<Authority> parse_authority(std::string_view text) noexcept;

// Whether both name the same endpoint: hosts without regard to case, an absent port meaning `default_port`.
bool same_endpoint(const Authority& a, const Authority& b, std::string_view default_port) noexcept;

}  // namespace tollgate::codec
