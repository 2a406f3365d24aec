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
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/usage/decision_record.h"
#include "core/usage/names.h"
#include "core/usage/packed_rows.h"

namespace tollgate::core {

inline constexpr std::size_t kFrameHeaderBytes = 9;
inline constexpr std::size_t kNameBytesMax = 1024;
inline constexpr std::size_t kDecisionFrameBytes = kFrameHeaderBytes + 8 + sizeof(DecisionRecord);
// Few enough that what damage takes with it is about what a bad sector of the disk would take.
inline constexpr std::size_t kRecordsInFrameMax = 64;
// Of a frame that segments have.
inline constexpr std::size_t kFrameBytesMax =
    kFrameHeaderBytes + kPackedHeadBytes + kRecordsInFrameMax * kPackedRecordBytesMax;
static_assert(kFrameBytesMax >= kFrameHeaderBytes + 5 + kNameBytesMax);
// Of a chunk in a frame: twice what a chunk grows to.
inline constexpr std::size_t kRowsBytesMax = 2u << 20;

struct DecisionFrame {
  std::uint64_t ring_id = 0;
  DecisionRecord record;
};

// 1 … kRecordsInFrameMax records of one ring. In segments only.
struct RecordsFrame {
  std::vector<LoggedRecord> records;
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

using Frame =
    std::variant<DecisionFrame, NameDefinition, RingPosition, BatchFrame, AggregateFrame, RowsFrame, RecordsFrame>;

void append_frame(std::string& out, const DecisionFrame& frame);
// A RecordsFrame.
void append_frame(std::string& out, std::uint64_t ring_id, std::span<const DecisionRecord> records);
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

// The frequent kind alone, into a vector whose memory is used again. Returns how many bytes it took; 0 when no whole,
// sound frame of records stands at the beginning of `bytes`: read_frame says what does.
std::size_t read_records_frame(std::string_view bytes, std::vector<LoggedRecord>& into);

// The first place at or after `from` where a whole, sound frame stands.
std::optional<std::size_t> find_frame(std::string_view bytes, std::size_t from);

}  // namespace tollgate::core
