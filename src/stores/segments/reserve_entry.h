// One entry of the reserve: counts of one ring as they will be sent, and their form in the file.
//
//   u32 magic | u32 length of the batch | u64 generation of its half | u64 given up | u32 CRC32C | u32 0 | batch
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/usage/record_batch.h"

namespace tollgate::stores {

// What entries come to.
struct ReserveSum {
  std::uint64_t records = 0;   // that they count
  std::uint64_t lost = 0;      // sequences that they pass over
  std::uint64_t given_up = 0;  // of those, for lack of room

  ReserveSum& operator+=(const ReserveSum& other);
  ReserveSum& operator-=(const ReserveSum& other);
};

// A value.
struct ReserveEntry {
  core::RecordBatch batch;     // with an aggregate; one without rows notes a loss
  std::uint64_t given_up = 0;  // of the aggregate's lost(), those for lack of room

  std::uint64_t first() const { return batch.aggregate->first; }
  std::uint64_t end() const { return batch.aggregate->end; }
  bool is_note() const { return batch.aggregate->chunks.empty(); }
  ReserveSum sum() const;
};

// Of two that stand one after the other, the one for both.
std::optional<ReserveEntry> joined(const ReserveEntry& a, const ReserveEntry& b);

inline constexpr std::size_t kReserveHeadBytes = 32;

struct ReserveHead {
  std::uint32_t length = 0;  // of the batch that follows
  std::uint64_t generation = 0;
};

std::string encode_entry(const ReserveEntry& entry, std::uint64_t generation);
// Of kReserveHeadBytes; nothing when no entry begins so.
std::optional<ReserveHead> read_reserve_head(std::string_view bytes);
// Nothing when the two do not belong together, or the batch is none of counts.
std::optional<ReserveEntry> decode_entry(std::string_view head, std::string_view batch);

}  // namespace tollgate::stores
