// What is stored along with a change, in the same transaction: all of it, or the change is not made.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "ports/audit_log.h"

namespace tollgate::ports {

// What tells the repetition of a request from a new one. Hashes: neither what callers put into an Idempotency-Key nor
// what they asked for is kept.
struct RequestMark {
  using Digest = std::array<std::uint8_t, 32>;
  std::string caller;
  Digest key{};       // of the Idempotency-Key
  Digest target{};    // of the method and the path
  Digest document{};  // of the body
};
inline constexpr Seconds kRequestRemembered{24 * 60 * 60};

// Both outlive the call that they are given to.
struct WriteNote {
  const RequestMark* mark = nullptr;  // null: a request that may be done again
  const AuditDraft* audit = nullptr;  // null: nobody's doing, such as what every new file has
};

}  // namespace tollgate::ports
