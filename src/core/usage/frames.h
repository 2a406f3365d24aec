// Frames: how records and names stand in segment files and in batches on the wire. Each can be checked and read alone:
//
//   u32 length of payload | u32 CRC32C of length, type and payload | u8 type | payload        little-endian
//
// so that a torn or corrupt frame is noticed, and the next sound one can be found. Pure; thread safety: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/usage/decision_record.h"
#include "core/usage/names.h"

namespace tollgate::core {

inline constexpr std::size_t kFrameHeaderBytes = 9;
inline constexpr std::size_t kNameBytesMax = 1024;
inline constexpr std::size_t kDecisionFrameBytes = kFrameHeaderBytes + 8 + sizeof(DecisionRecord);
// Of a frame that segments have.
inline constexpr std::size_t kFrameBytesMax = kFrameHeaderBytes + 5 + kNameBytesMax;
// Of a chunk in a frame: twice what a chunk grows to.
inline constexpr std::size_t kRowsBytesMax = 2u << 20;

struct DecisionFrame {
  std::uint64_t ring_id = 0;
  DecisionRecord record;
};

// Where a ring stood when a segment was begun: records from next_sequence on are in it or later.
struct RingPosition {
  std::uint64_t ring_id = 0;
  std::uint64_t next_sequence = 0;
  bool operator==(const RingPosition&) const = default;
};

struct BatchFrame {
  std::uint64_t ring_id = 0;
  std::uint64_t first_sequence = 0;
  std::uint64_t lost_before = 0;
  std::uint32_t names = 0;
  std::uint32_t records = 0;
};

// Instead of a BatchFrame: what follows is counts of first_sequence … end_sequence - 1.
struct AggregateFrame {
  std::uint64_t ring_id = 0;
  std::uint64_t first_sequence = 0;
  std::uint64_t end_sequence = 0;
  std::uint64_t lost_before = 0;
  std::uint32_t names = 0;
  std::uint32_t chunks = 0;
};

// A chunk of roll-up rows. In batches only: segments hold records.
struct RowsFrame {
  std::string chunk;  // 1 … kRowsBytesMax bytes
};

using Frame = std::variant<DecisionFrame, NameDefinition, RingPosition, BatchFrame, AggregateFrame, RowsFrame>;

void append_frame(std::string& out, const DecisionFrame& frame);
void append_frame(std::string& out, const NameDefinition& name);  // name.name of 1 … kNameBytesMax bytes
void append_frame(std::string& out, const RingPosition& position);
void append_frame(std::string& out, const BatchFrame& batch);
void append_frame(std::string& out, const AggregateFrame& aggregate);
void append_frame(std::string& out, const RowsFrame& rows);

enum class FrameFault : std::uint8_t {
  incomplete,  // sound so far, but the bytes end
  bad_length,
  bad_checksum,
  bad_type,
  bad_payload,
};
std::string_view fault_text(FrameFault fault);

struct FrameRead {
  Frame frame;
  std::size_t bytes = 0;  // what it took
};

// The frame that stands at the beginning of `bytes`.
std::expected<FrameRead, FrameFault> read_frame(std::string_view bytes);

// The frequent kind alone, without a copy on the way. False when no whole, sound decision frame stands at the beginning
// of `bytes`: read_frame says what does.
bool read_decision_frame(std::string_view bytes, DecisionFrame& into);

// The first place at or after `from` where a whole, sound frame stands.
std::optional<std::size_t> find_frame(std::string_view bytes, std::size_t from);

}  // namespace tollgate::core
