#include "core/usage/packed_rows.h"

#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include "base/assert.h"
#include "core/usage/record_batch.h"

namespace tollgate::core {
namespace {

constexpr std::size_t kWord = sizeof(std::uint32_t);
constexpr std::size_t kWords = sizeof(DecisionRecord) / kWord;
using Words = std::array<std::uint32_t, kWords>;

// What the next record is expected to be.
Words expect_after(DecisionRecord record) {
  ++record.sequence;
  return std::bit_cast<Words>(record);
}

// Returns where it ends.
char* put_record(const Words& words, const Words& expected, char* at) {
  char* const mask_at = at;
  std::uint32_t mask = 0;
  at += kWord;
  for (std::size_t k = 0; k < kWords; ++k) {
    if (words[k] == expected[k]) continue;
    mask |= 1u << k;
    std::memcpy(at, &words[k], kWord);
    at += kWord;
  }
  std::memcpy(mask_at, &mask, kWord);
  return at;
}

// Takes it from `bytes`. False: they end before it does.
bool take_record(std::string_view& bytes, Words& words) {
  std::uint32_t mask = 0;
  if (bytes.size() < kWord) return false;
  std::memcpy(&mask, bytes.data(), kWord);
  const std::size_t size = kWord + kWord * static_cast<std::size_t>(std::popcount(mask));
  if (bytes.size() < size) return false;
  const char* at = bytes.data() + kWord;
  for (; mask != 0; mask &= mask - 1) {
    std::memcpy(&words[static_cast<std::size_t>(std::countr_zero(mask))], at, kWord);
    at += kWord;
  }
  bytes.remove_prefix(size);
  return true;
}

struct Head {
  std::uint64_t ring_id = 0;
  std::uint32_t records = 0;
};

std::optional<Head> take_head(std::string_view& bytes) {
  if (bytes.size() < kPackedHeadBytes) return std::nullopt;
  Head head;
  std::memcpy(&head.ring_id, bytes.data(), 8);
  std::memcpy(&head.records, bytes.data() + 8, 4);
  bytes.remove_prefix(kPackedHeadBytes);
  return head.records == 0 || head.records > kBatchRecordsMax ? std::nullopt : std::optional(head);
}

}  // namespace

void append_rows(std::string& out, std::uint64_t ring_id, std::span<const DecisionRecord> records) {
  TG_ASSERT(!records.empty() && records.size() <= kBatchRecordsMax);
  const std::size_t before = out.size();
  const std::size_t room = kPackedHeadBytes + records.size() * kPackedRecordBytesMax;
  out.resize_and_overwrite(before + room, [&](char* bytes, std::size_t) {
    const auto count = static_cast<std::uint32_t>(records.size());
    char* at = bytes + before;
    std::memcpy(at, &ring_id, 8);
    std::memcpy(at + 8, &count, 4);
    at += kPackedHeadBytes;
    Words expected{};
    for (const DecisionRecord& record : records) {
      at = put_record(std::bit_cast<Words>(record), expected, at);
      expected = expect_after(record);
    }
    return static_cast<std::size_t>(at - bytes);
  });
}

bool take_rows(std::string_view& bytes, std::vector<LoggedRecord>& into) {
  std::string_view left = bytes;
  const auto head = take_head(left);
  if (!head) return false;
  const std::size_t before = into.size();
  Words words{};
  for (std::uint32_t i = 0; i < head->records; ++i) {
    if (!take_record(left, words)) {
      into.resize(before);
      return false;
    }
    into.push_back({.ring_id = head->ring_id, .record = std::bit_cast<DecisionRecord>(words)});
    words = expect_after(into.back().record);
  }
  bytes = left;
  return true;
}

}  // namespace tollgate::core
