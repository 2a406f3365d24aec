// Records of one ring as they came, as the payload of a frame:
//
//   u64 ring id | u32 records | their 128 bytes each, compressed together        little-endian
//
// Pure. Thread safety: values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/usage/decision_record.h"
#include "stores/archive/compression.h"

namespace tollgate::stores {

struct PackedRows {
  std::uint64_t ring_id = 0;
  std::vector<core::DecisionRecord> records;
};

// 1 … core::kBatchRecordsMax records.
std::string pack_rows(std::uint64_t ring_id, std::span<const core::DecisionRecord> records, Compressor& compressor);
// Nothing when it contradicts itself.
std::optional<PackedRows> unpack_rows(std::string_view payload, Decompressor& decompressor);

}  // namespace tollgate::stores
