// A limit as configuration states it: what is counted (scope), by which rule, and whether it refuses.
//
// The scope is a set. Requests that agree in every part of it share one bucket: {} is one bucket for all (global),
// {route} one per route, {route, key} one per pair. The built-in limit of a key is the rule of its tier, or its own,
// with scope {key}.
#pragma once

#include <cstdint>
#include <string>

#include "core/limit/token_bucket.h"

namespace tollgate::core {

struct LimitScope {
  bool route = false;
  bool tier = false;
  bool key = false;
  bool client_ip = false;  // IPv4 address, IPv6 /64
  bool operator==(const LimitScope&) const = default;
};

enum class LimitMode : std::uint8_t {
  enforce,
  shadow,  // counted and shown, never refuses
};

struct LimitRule {
  std::string
      name;  // 1 … 40 of [a-z0-9_-], unique among the limits a request can meet; "key" is taken by the built-in one
  TokenBucketSpec bucket;
  LimitScope scope;
  LimitMode mode = LimitMode::enforce;
};

}  // namespace tollgate::core
