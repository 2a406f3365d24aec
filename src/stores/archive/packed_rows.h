// Records of one ring as they came, as the payload of a frame and in memory: of each only the words that are not those
// of the record before it.
//
//   u64 ring id | u32 records | of each: u32 which of its 32 words are new, then those words        little-endian
//
// The first record's are compared with zeros; of each sequence the one after the sequence before is expected. Traffic
// takes a third of its 128 bytes, for a fraction of what a general compressor costs: the records of a file that is full
// are compressed in earnest soon enough.
//
// Pure. Thread safety: values.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/usage/record_filter.h"

namespace tollgate::stores {

// 1 … core::kBatchRecordsMax records.
std::string pack_rows(std::uint64_t ring_id, std::span<const core::DecisionRecord> records);
// Takes what one pack_rows() made from the front of `bytes`, and appends the records. False when it contradicts itself;
// then neither has changed.
bool take_rows(std::string_view& bytes, std::vector<core::LoggedRecord>& into);

}  // namespace tollgate::stores
