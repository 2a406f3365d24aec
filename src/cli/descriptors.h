// File descriptors: as many as the system gives, and how many of them may be clients' connections.
//
// Thread safety: pure functions, but for raise_descriptor_limit(), which is called once, at the start.
#pragma once

#include <cstdint>

namespace tollgate::cli {

// Raises the soft limit to the hard one. What may be open afterwards.
std::uint64_t raise_descriptor_limit();
std::uint64_t descriptor_limit();

// Whose connections: the rest is for what the process opens itself, upstream connections, files and databases.
enum class ConnectionsOf : std::uint8_t {
  gateway,  // 9/16: each of its connections may need another to an upstream
  backend,  // beside others 1/8: the gateway is its only client
  other,    // beside others 1/32
  alone,    // 7/8: the process's only service, and not a gateway
};
// The most that may be open at once, out of a limit of `descriptors`.
std::uint32_t connections_within(std::uint64_t descriptors, ConnectionsOf whose);
// The least limit that allows so many.
std::uint64_t descriptors_for(std::uint32_t connections, ConnectionsOf whose);

}  // namespace tollgate::cli
