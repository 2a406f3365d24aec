#include "stores/archive/packed_rows.h"

#include <cstring>

#include "base/assert.h"
#include "core/usage/record_batch.h"

namespace tollgate::stores {
namespace {

constexpr std::size_t kHeadBytes = 12;

}  // namespace

std::string pack_rows(std::uint64_t ring_id, std::span<const core::DecisionRecord> records, Compressor& compressor) {
  TG_ASSERT(!records.empty() && records.size() <= core::kBatchRecordsMax);
  std::string payload(kHeadBytes, '\0');
  const auto count = static_cast<std::uint32_t>(records.size());
  std::memcpy(payload.data(), &ring_id, 8);
  std::memcpy(payload.data() + 8, &count, 4);
  compressor.append({reinterpret_cast<const char*>(records.data()), records.size_bytes()}, payload);
  return payload;
}

std::optional<PackedRows> unpack_rows(std::string_view payload, Decompressor& decompressor) {
  if (payload.size() < kHeadBytes) return std::nullopt;
  PackedRows rows;
  std::uint32_t count = 0;
  std::memcpy(&rows.ring_id, payload.data(), 8);
  std::memcpy(&count, payload.data() + 8, 4);
  if (count == 0 || count > core::kBatchRecordsMax) return std::nullopt;
  rows.records.resize(count);
  const std::span<char> bytes(reinterpret_cast<char*>(rows.records.data()), count * sizeof(core::DecisionRecord));
  if (!decompressor.read(payload.substr(kHeadBytes), bytes)) return std::nullopt;
  return rows;
}

}  // namespace tollgate::stores
