#include "runtime/resolve.h"

#include <netdb.h>
#include <netinet/in.h>

#include "base/str.h"
#include "runtime/socket_address.h"

namespace tollgate::runtime {

Result<std::vector<IpAddress>> look_up_host(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0) {
    return fail(codes::upstream_connect_failed, str::cat("cannot resolve ", host, ": ", ::gai_strerror(error)));
  }
  std::vector<IpAddress> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    addresses.push_back(from_kernel(*entry->ai_addr).ip);
  }
  ::freeaddrinfo(found);
  return addresses;
}

}  // namespace tollgate::runtime
