// One request's trace in the decision log: 128 bytes, little-endian, the same in memory, in the ring, in segments and
// on the wire (api/decision-record.md). Never a secret, never a query string.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <type_traits>

#include "core/access/api_key.h"

namespace tollgate::core {

enum class Outcome : std::uint8_t {
  allowed = 0,
  limited = 1,
  unauthenticated = 2,
  forbidden = 3,
  bad_request = 4,
  upstream_error = 5,
  shed = 6,
  local = 7,  // answered by the server itself: OPTIONS *
};

// Names (routes, tiers, limits) are recorded as the low 32 bits of a seeded hash of kind and text; the text is defined
// once per segment and batch (codec of stores/segments). 0 is "none".
using NameRef = std::uint32_t;

struct DecisionRecord {
  std::uint64_t sequence = 0;    // position in its ring since the ring was made; with the ring's id it names the record
  std::int64_t time_ns = 0;      // wall clock at the request's first byte, ns since 1970
  std::uint64_t request_id = 0;  // = decision id, shown in X-Request-Id and in 429 bodies as 16 hex digits
  std::array<std::uint8_t, 16> trace_id{};  // W3C trace id when the caller sent one, else zero
  KeyId key_id;                             // all zero: no key
  std::uint16_t status = 0;                 // 0: no response was sent
  NameRef route = 0;
  NameRef tier = 0;
  std::uint8_t method = 0;  // codec::Method
  Outcome outcome = Outcome::allowed;
  std::uint8_t checks = 0;         // limits asked
  std::int8_t refused_by = -1;     // index of the limit that refused
  std::uint32_t cost = 0;          // tokens
  NameRef limit = 0;               // the limit that refused, or the one with the fewest tokens left
  std::uint32_t level_before = 0;  // of that limit, whole tokens, saturating
  std::uint32_t level_after = 0;
  std::uint32_t retry_after_ms = 0;
  std::uint32_t total_us = 0;     // first byte in to last byte queued
  std::uint32_t upstream_us = 0;  // request forwarded to first byte of the upstream's answer; 0: not forwarded
  std::uint32_t generation = 0;   // configuration generation
  std::uint64_t bytes_in = 0;     // body bytes
  std::uint64_t bytes_out = 0;
  std::array<std::uint8_t, 8> client_net{};  // IPv4: the address; IPv6: its /64
  std::uint8_t client_family = 0;            // 4, 6 or 0
  std::uint8_t flags = 0;
  std::uint16_t reserved = 0;
  std::uint32_t reserved_too = 0;  // named, so that no stray bytes of memory reach the disk
};
static_assert(sizeof(DecisionRecord) == 128 && std::is_trivially_copyable_v<DecisionRecord>);
static_assert(std::endian::native == std::endian::little, "records are written as they stand in memory");

}  // namespace tollgate::core
