// Events of programs outside, which number nothing: what tells a repetition from something new.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/usage/record_batch.h"

namespace tollgate::ports {

// So long a repetition is known as one, also after a restart.
inline constexpr Seconds kPostRemembered{24 * 60 * 60};

// Hashes: neither what producers put into an Idempotency-Key nor what they call their events is kept.
struct PostMark {
  using Digest = std::array<std::uint8_t, 32>;
  std::string caller;
  Digest key{};       // of the Idempotency-Key
  Digest document{};  // of the events
};
using EventId = std::array<std::uint8_t, 16>;

struct EventPost {
  std::vector<core::NameDefinition> names;
  std::vector<core::DecisionRecord> records;  // the store numbers them
  std::vector<std::optional<EventId>> ids;    // one per record; an event with an id counts once
  std::optional<PostMark> mark;               // a post with a mark is taken once
};

struct PostAck {
  core::RecordBatch added;  // the records that were new, numbered
  std::uint64_t known = 0;  // events that had been counted before
  bool repeated = false;    // the whole post had been taken before
};

}  // namespace tollgate::ports
