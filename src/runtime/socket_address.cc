#include "runtime/socket_address.h"

#include <algorithm>
#include <cstring>

namespace tollgate::runtime {

KernelAddress to_kernel(const SocketAddress& address) {
  KernelAddress kernel;
  if (address.ip.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    std::memcpy(&v4.sin_addr, address.ip.bytes.data() + 12, 4);
    std::memcpy(&kernel.storage, &v4, sizeof(v4));
    kernel.size = sizeof(v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    std::memcpy(&v6.sin6_addr, address.ip.bytes.data(), 16);
    std::memcpy(&kernel.storage, &v6, sizeof(v6));
    kernel.size = sizeof(v6);
  }
  return kernel;
}

SocketAddress from_kernel(const sockaddr& address) {
  SocketAddress result;
  if (address.sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof(v4));
    std::array<std::uint8_t, 4> octets;
    std::memcpy(octets.data(), &v4.sin_addr, 4);
    result = {.ip = IpAddress::v4(octets), .port = ntohs(v4.sin_port)};
  } else if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof(v6));
    std::memcpy(result.ip.bytes.data(), &v6.sin6_addr, 16);
    result.port = ntohs(v6.sin6_port);
  }
  return result;
}

}  // namespace tollgate::runtime
