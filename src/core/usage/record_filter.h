// Which records are wanted: what searches, exports and audits of the request log have in common.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "core/usage/decision_record.h"

namespace tollgate::core {

// A record, and the ring that numbered it: the two together are one in all of time.
struct LoggedRecord {
  std::uint64_t ring_id = 0;
  DecisionRecord record;
};

// The one order that records of all rings have: by time, and among records of one time by ring and sequence.
struct RecordPosition {
  std::int64_t time_ns = 0;
  std::uint64_t ring_id = 0;
  std::uint64_t sequence = 0;

  static RecordPosition of(const LoggedRecord& logged) {
    return {logged.record.time_ns, logged.ring_id, logged.record.sequence};
  }
  auto operator<=>(const RecordPosition&) const = default;
};

// As in DecisionRecord: an IPv4 address, or the /64 of an IPv6 one.
struct ClientNet {
  std::array<std::uint8_t, 8> net{};
  std::uint8_t family = 0;  // 4, 6 or 0
  bool operator==(const ClientNet&) const = default;
};

// All that is given has to hold. Thread safety: a value.
struct RecordFilter {
  WallTime from = WallTime::min();
  WallTime to = WallTime::max();     // exclusive, but for the greatest: no end
  std::optional<std::uint64_t> key;  // key_number() of the public id; 0: requests without a key
  std::optional<NameRef> route;      // name_ref() of the text; 0: requests without one
  std::optional<NameRef> tier;
  std::optional<NameRef> consumer;
  std::optional<std::uint16_t> status;       // exactly; 0: no response was sent
  std::optional<std::uint8_t> status_class;  // 2: 200 … 299
  std::optional<Outcome> outcome;
  std::optional<std::uint8_t> method;  // codec::Method
  std::optional<ClientNet> client;

  bool matches(const DecisionRecord& record) const {
    return matches_time(record.time_ns) && matches_caller(record) && matches_kind(record);
  }
  // Its parts. Who called: key, tier, consumer and client.
  bool matches_time(std::int64_t time_ns) const;
  bool matches_caller(const DecisionRecord& record) const;
  bool matches_kind(const DecisionRecord& record) const;
  bool asks_for_caller() const;
  bool asks_for_kind() const;
};

}  // namespace tollgate::core
