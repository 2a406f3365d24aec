// Who changed what, and when: an entry for each change and each sign-in, chained so that none can be altered or taken
// out of the middle unnoticed. Blocking calls: from admin's own threads.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace tollgate::ports {

// Holds no secret and no password.
struct AuditDraft {
  std::string actor;    // a user's name; "tollgate" for what it does by itself; empty: nobody who is known
  std::string via;      // "token", "session", "password", "start"
  std::string network;  // where the request came from
  std::string action;   // "key.create"
  std::string object;   // "key:AbCdEfGhIj"
  std::string before;   // JSON of what was there; empty: nothing
  std::string after;    // JSON of what is there now; empty: nothing
  std::string reason;   // as the caller gave it
};

using AuditHash = std::array<std::uint8_t, 32>;

struct AuditEntry {
  std::uint64_t seq = 0;  // 1, 2, 3 … without a gap
  WallTime time{};        // whole milliseconds
  AuditDraft what;
  AuditHash hash{};  // SHA-256 over the hash before (of the first: 32 zero bytes) and codec::canonical_audit_entry()
};

struct AuditFilter {
  std::string actor;   // empty: all, here and below
  std::string action;  // "key.create", or "key" for all that begin with "key."
  std::string object;  // "key:AbCdEfGhIj", or "key" for all that begin with "key:"
  std::optional<WallTime> from, to;
  bool oldest_first = false;
  std::uint64_t after_seq = 0;  // from the page before; 0: first page
  std::size_t limit = 100;      // 1 … 1000
};

struct AuditPage {
  std::vector<AuditEntry> entries;
  std::uint64_t next = 0;  // 0: last page
};

struct AuditVerdict {
  std::uint64_t entries = 0;                  // that were read
  std::optional<std::uint64_t> first_broken;  // whose hash does not follow from what is before it
  AuditHash head{};                           // of the last one; of none: zero
};

// Thread safety: all methods from any thread.
class AuditLog {
 public:
  virtual ~AuditLog() = default;
  // For what changes nothing that is stored beside it. Returns when durable.
  virtual Result<void> append(const AuditDraft& draft) = 0;
  virtual Result<AuditPage> list(const AuditFilter& filter) = 0;
  // Reads all of it.
  virtual Result<AuditVerdict> verify() = 0;
};

}  // namespace tollgate::ports
