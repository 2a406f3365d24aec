// Who is calling: the peer, unless it is a proxy that the operator trusts.
#pragma once

#include <string_view>
#include <vector>

#include "base/ip.h"
#include "config/config.h"
#include "core/usage/decision_record.h"

namespace tollgate::services {

bool is_trusted(const std::vector<config::Network>& trusted, const IpAddress& address);

// The rightmost address in `forwarded_for` (the X-Forwarded-For value) that no trusted proxy vouches for by being one
// itself. An untrusted peer is the client whatever it claims; an entry that is not an address ends the search at what
// is known so far.
IpAddress client_address(const IpAddress& peer, std::string_view forwarded_for,
                         const std::vector<config::Network>& trusted);

// What limits and records go by: an IPv4 address, or the /64 of an IPv6 one, which one subscriber has whole.
struct ClientNetwork {
  std::array<std::uint8_t, 8> bytes{};
  std::uint8_t family = 0;  // 4 or 6
};
ClientNetwork client_network(const IpAddress& address);

}  // namespace tollgate::services
