// Who is calling: the peer, unless it is a proxy that the operator trusts.
#pragma once

#include <string_view>
#include <vector>

#include "base/ip.h"
#include "config/config.h"

namespace tollgate::services {

bool is_trusted(const std::vector<config::Network>& trusted, const IpAddress& address);

// The rightmost address in `forwarded_for` (the X-Forwarded-For value) that no trusted proxy vouches for by being one
// itself. An untrusted peer is the client whatever it claims; an entry that is not an address ends the search at what
// is known so far.
IpAddress client_address(const IpAddress& peer, std::string_view forwarded_for,
                         const std::vector<config::Network>& trusted);

}  // namespace tollgate::services
