// Records of one ring as they came, in files and in memory: of each only the words that are not those of the record
// before it.
//
//   u64 ring id | u32 records | of each: u32 which of its 32 words are new, then those words        little-endian
//
// The first record's are compared with zeros; of each sequence the one after the sequence before is expected. Traffic
// takes less than half of its bytes, for a fraction of what a general compressor costs: what is kept for long is
// compressed in earnest soon enough.
//
// Pure. Thread safety: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/usage/record_filter.h"

namespace tollgate::core {

inline constexpr std::size_t kPackedHeadBytes = 12;
inline constexpr std::size_t kPackedRecordBytesMax = 4 + sizeof(DecisionRecord);

// 1 … kBatchRecordsMax records.
void append_rows(std::string& out, std::uint64_t ring_id, std::span<const DecisionRecord> records);
// Takes what one append_rows() made from the front of `bytes`, and appends the records. False when it contradicts
// itself; then neither has changed.
bool take_rows(std::string_view& bytes, std::vector<LoggedRecord>& into);

}  // namespace tollgate::core
