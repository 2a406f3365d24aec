// One request's trace in the decision log: 128 bytes, little-endian, the same in memory, in the ring, in segments and
// on the wire (api/decision-record.md). Never a secret, never a query string.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/usage/key_number.h"
#include "core/usage/packed.h"

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

// Names (routes, tiers, consumers, lists of limits) are recorded as the low 32 bits of a seeded hash of kind and text;
// the text is defined once per segment and batch (core/usage/names.h). 0 is "none".
using NameRef = std::uint32_t;

inline constexpr std::size_t kRecordedLimits = 8;  // as many as a request can meet

struct DecisionRecord {
  std::uint64_t sequence = 0;  // position in its ring since the ring was made; with the ring's id it names the record
  std::int64_t time_ns = 0;    // wall clock at the request's first byte, ns since 1970
  // = decision id, shown in X-Request-Id and in 429 bodies as 16 hex digits. Its upper half is the second of time_ns.
  std::uint64_t request_id = 0;
  std::array<std::uint8_t, 16> trace_id{};   // W3C trace id when the caller sent one, else zero
  std::uint64_t key = 0;                     // key_number() of the API key's public id; 0: no key
  std::array<std::uint8_t, 8> client_net{};  // IPv4: the address; IPv6: its /64
  NameRef route = 0;
  NameRef tier = 0;
  NameRef consumer = 0;              // to whom the key belongs
  NameRef limits = 0;                // the limits asked, in order, with what each counts by: "key(key),all()"
  std::uint32_t cost = 0;            // tokens, of each limit
  std::uint32_t retry_after_ms = 0;  // after a refusal: when it would have passed
  std::uint32_t total_us = 0;        // first byte in to last byte queued
  std::uint32_t upstream_us = 0;     // request forwarded to first byte of the upstream's answer; 0: not forwarded
  std::uint32_t generation = 0;      // admin's change counter up to which keys and tiers were known
  std::uint16_t status = 0;          // 0: no response was sent
  std::uint8_t method = 0;           // codec::Method
  Outcome outcome = Outcome::allowed;
  std::uint8_t checks = 0;         // limits asked
  std::int8_t refused_by = -1;     // index of the limit that refused
  std::uint8_t client_family = 0;  // 4, 6 or 0
  std::uint8_t flags = 0;
  U48 bytes_in;  // of the body
  U48 bytes_out;
  // What each limit had before this request. A request takes `cost` from all of its limits or from none.
  std::array<Level, kRecordedLimits> levels_before{};
};
static_assert(sizeof(DecisionRecord) == 128 && std::is_trivially_copyable_v<DecisionRecord>);
static_assert(std::endian::native == std::endian::little, "records are written as they stand in memory");

}  // namespace tollgate::core
