#include "tests/support/loopback_listener.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/assert.h"

namespace tollgate::testing {

LoopbackListener listen_on_loopback(int backlog) {
  LoopbackListener made{.fd = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  TG_ASSERT(::bind(made.fd.get(), generic, size) == 0);
  TG_ASSERT(::listen(made.fd.get(), backlog) == 0);
  TG_ASSERT(::getsockname(made.fd.get(), generic, &size) == 0);
  made.port = ntohs(address.sin_port);
  return made;
}

}  // namespace tollgate::testing
