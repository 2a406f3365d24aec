#include "tests/support/full_listener.h"

#include <netinet/in.h>
#include <sys/socket.h>

namespace tollgate::testing {
namespace {

// With a backlog of none the kernel still takes one connection; the rest of these makes sure.
constexpr int kMoreThanFit = 4;

}  // namespace

FullListener::FullListener() : listener_(listen_on_loopback(0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(listener_.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int i = 0; i < kMoreThanFit; ++i) {
    waiting_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    [[maybe_unused]] const int begun =
        ::connect(waiting_.back().get(), reinterpret_cast<sockaddr*>(&address), sizeof(address));
  }
}

}  // namespace tollgate::testing
