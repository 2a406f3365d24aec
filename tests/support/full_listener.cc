#include "tests/support/full_listener.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/assert.h"

namespace tollgate::testing {
namespace {

// With a backlog of none the kernel still takes one connection; the rest of these makes sure.
constexpr int kMoreThanFit = 4;

}  // namespace

FullListener::FullListener() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  TG_ASSERT(::bind(listener_.get(), generic, size) == 0);
  TG_ASSERT(::listen(listener_.get(), 0) == 0);
  TG_ASSERT(::getsockname(listener_.get(), generic, &size) == 0);
  port_ = ntohs(address.sin_port);
  for (int i = 0; i < kMoreThanFit; ++i) {
    waiting_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    [[maybe_unused]] const int begun = ::connect(waiting_.back().get(), generic, size);
  }
}

}  // namespace tollgate::testing
