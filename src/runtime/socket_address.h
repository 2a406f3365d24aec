// Our addresses as the kernel's, and back. Only runtime's .cc files include this.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/ip.h"

namespace tollgate::runtime {

struct KernelAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

KernelAddress to_kernel(const SocketAddress& address);
// All zero for families that are not IP. The object behind `address` is as large as its family needs.
SocketAddress from_kernel(const sockaddr& address);

}  // namespace tollgate::runtime
