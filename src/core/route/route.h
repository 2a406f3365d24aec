// One route as configuration states it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/policy/limit_rule.h"

namespace tollgate::core {

// Bits by method, so that a set of methods is one number. Unknown tokens are `other`.
// NOLINTBEGIN(readability-identifier-naming): these are constants to be combined, not alternatives
enum MethodBit : std::uint16_t {
  kGet = 1 << 0,
  kHead = 1 << 1,
  kPost = 1 << 2,
  kPut = 1 << 3,
  kPatch = 1 << 4,
  kDelete = 1 << 5,
  kOptions = 1 << 6,
  kOther = 1 << 9,
};
// NOLINTEND(readability-identifier-naming)
using MethodSet = std::uint16_t;
// What a route takes that names no methods: every known one except TRACE and CONNECT, which are never forwarded.
inline constexpr MethodSet kAnyMethod = kGet | kHead | kPost | kPut | kPatch | kDelete | kOptions;

enum class AuthMode : std::uint8_t { api_key, none };

struct UpstreamAddress {
  std::string host;  // name, IPv4 or IPv6 without brackets
  std::uint16_t port = 80;
  bool operator==(const UpstreamAddress&) const = default;
};

struct Route {
  std::string name;
  std::vector<std::string> hosts;  // lower case; "*.example.com" matches one or more labels; empty: any host
  std::string path;                // "/a/*/b", "/a/{id}/b" (one segment), "/a/**" (the rest, also nothing)
  MethodSet methods = kAnyMethod;
  AuthMode auth = AuthMode::api_key;
  std::vector<UpstreamAddress> upstreams;  // 1 or more; taken in turn
  std::vector<LimitRule> limits;
  std::uint64_t cost = 1;            // tokens per request, 0 … 10⁶
  std::uint64_t max_body_bytes = 0;  // 0: the gateway's
};

}  // namespace tollgate::core
