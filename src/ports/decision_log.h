// Where a gateway's workers leave one record per request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/usage/decision_record.h"
#include "core/usage/names.h"

namespace tollgate::ports {

// One per worker. Thread safety: used by that worker alone.
class DecisionSink {
 public:
  virtual ~DecisionSink() = default;
  // Fills record.sequence and keeps the record so that killing the process loses nothing. Never blocks, never fails:
  // when there is no room the record is dropped and counted. ≤ 0.3 µs.
  virtual void append(core::DecisionRecord& record) noexcept = 0;
};

// produced == stored + spooled + aggregated + dropped, at every moment that is asked.
struct LogCounters {
  std::uint64_t produced = 0;    // requests that left a record, or should have
  std::uint64_t stored = 0;      // committed by analytics, with all their detail
  std::uint64_t spooled = 0;     // safe on this gateway, not yet committed there
  std::uint64_t aggregated = 0;  // committed by analytics as counts: there was no room for their detail
  std::uint64_t dropped = 0;     // lost, each counted
  // Of the above:
  std::uint64_t spooled_counts = 0;   // of spooled, those of which only counts are left
  std::uint64_t dropped_no_room = 0;  // of dropped, those for which ring, disk and reserve had no room
  std::uint64_t unaccounted() const { return produced - stored - spooled - aggregated - dropped; }
};

// Thread safety: counters() and intern() from any thread.
class DecisionLog {
 public:
  virtual ~DecisionLog() = default;
  virtual DecisionSink& sink(std::size_t worker) = 0;
  virtual LogCounters counters() const = 0;
  // The reference records use for this name; its definition is written ahead of the first record that can use it.
  // For configuration time, not for requests.
  virtual core::NameRef intern(core::NameKind kind, std::string_view name) = 0;
};

}  // namespace tollgate::ports
