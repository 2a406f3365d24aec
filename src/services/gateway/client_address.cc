#include "services/gateway/client_address.h"

#include <algorithm>

#include "base/str.h"

namespace tollgate::services {

bool is_trusted(const std::vector<config::Network>& trusted, const IpAddress& address) {
  return std::any_of(trusted.begin(), trusted.end(), [&](const config::Network& network) {
    return in_network(address, network.address, network.prefix);
  });
}

IpAddress client_address(const IpAddress& peer, std::string_view forwarded_for,
                         const std::vector<config::Network>& trusted) {
  IpAddress client = peer;
  while (!forwarded_for.empty() && is_trusted(trusted, client)) {
    const std::size_t comma = forwarded_for.rfind(',');
    const std::string_view last =
        str::trim(comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1));
    const auto address = IpAddress::parse(last);
    if (!address) break;
    client = *address;
    forwarded_for = comma == std::string_view::npos ? std::string_view{} : forwarded_for.substr(0, comma);
  }
  return client;
}

}  // namespace tollgate::services
