// Records of one ring, or the counts that are left of them, on their way to analytics, and their binary form: the body
// of POST /api/analytics/log with content type application/vnd.tollgate.records (api/decision-record.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/usage/aggregate.h"
#include "core/usage/decision_record.h"
#include "core/usage/names.h"

namespace tollgate::core {

inline constexpr std::string_view kRecordsContentType = "application/vnd.tollgate.records";
inline constexpr std::size_t kBatchRecordsMax = 4096;
inline constexpr std::size_t kBatchNamesMax = 4 * kBatchRecordsMax;  // a record refers to four
// What decode_batch accepts; 4096 records with usual names are about 600 KB.
inline constexpr std::size_t kBatchBytesMax = 4u << 20;

// In order of sequence, no gaps within the batch. With neither records nor an aggregate it only asks how far the ring
// is stored.
struct RecordBatch {
  std::uint64_t ring_id = 0;
  std::vector<NameDefinition> names;  // those the records may refer to
  std::vector<DecisionRecord> records;
  // Sequences directly before the first that the gateway lost and counted as dropped: no reason to refuse the batch.
  std::uint64_t lost_before = 0;
  std::optional<Aggregate> aggregate;  // instead of records
};

std::string encode_batch(const RecordBatch& batch);
// invalid_document for anything that encode_batch cannot have written; the detail says at which byte.
Result<RecordBatch> decode_batch(std::string_view bytes);

}  // namespace tollgate::core
