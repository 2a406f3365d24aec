#include "stores/segments/reserve_entry.h"

#include <cstring>
#include <set>
#include <utility>
#include <vector>

#include "base/crc.h"

namespace tollgate::stores {
namespace {

constexpr std::uint32_t kMagic = 0x56'5347'54;  // "TGSV"

struct RawHead {
  std::uint32_t magic = kMagic;
  std::uint32_t length = 0;
  std::uint64_t generation = 0;
  std::uint64_t given_up = 0;
  std::uint32_t checksum = 0;  // of what stands above and of the batch
  std::uint32_t reserved = 0;

  std::uint32_t sum(std::string_view batch) const {
    return crc32c(batch, crc32c({reinterpret_cast<const char*>(this), offsetof(RawHead, checksum)}));
  }
};
static_assert(sizeof(RawHead) == kReserveHeadBytes);

RawHead raw_head(std::string_view bytes) {
  RawHead head;
  std::memcpy(&head, bytes.data(), sizeof(head));
  return head;
}

void add_names(std::vector<core::NameDefinition>& to, const std::vector<core::NameDefinition>& names) {
  std::set<std::pair<core::NameKind, core::NameRef>> known;
  for (const core::NameDefinition& name : to) known.emplace(name.kind, name.ref);
  for (const core::NameDefinition& name : names) {
    if (known.emplace(name.kind, name.ref).second) to.push_back(name);
  }
}

}  // namespace

ReserveSum& ReserveSum::operator+=(const ReserveSum& other) {
  records += other.records;
  lost += other.lost;
  given_up += other.given_up;
  return *this;
}

ReserveSum& ReserveSum::operator-=(const ReserveSum& other) {
  records -= other.records;
  lost -= other.lost;
  given_up -= other.given_up;
  return *this;
}

ReserveSum ReserveEntry::sum() const {
  return {.records = batch.aggregate->requests, .lost = batch.aggregate->lost(), .given_up = given_up};
}

std::optional<ReserveEntry> joined(const ReserveEntry& a, const ReserveEntry& b) {
  auto counts = core::join(*a.batch.aggregate, *b.batch.aggregate);
  if (!counts) return std::nullopt;
  ReserveEntry both = {.batch = {.ring_id = a.batch.ring_id, .names = a.batch.names, .records = {}},
                       .given_up = a.given_up + b.given_up};
  add_names(both.batch.names, b.batch.names);
  both.batch.aggregate = *std::move(counts);
  return both;
}

std::string encode_entry(const ReserveEntry& entry, std::uint64_t generation) {
  const std::string batch = core::encode_batch(entry.batch);
  RawHead head;
  head.length = static_cast<std::uint32_t>(batch.size());
  head.generation = generation;
  head.given_up = entry.given_up;
  head.checksum = head.sum(batch);
  std::string out(reinterpret_cast<const char*>(&head), sizeof(head));
  return out += batch;
}

std::optional<ReserveHead> read_reserve_head(std::string_view bytes) {
  if (bytes.size() < kReserveHeadBytes) return std::nullopt;
  const RawHead head = raw_head(bytes);
  if (head.magic != kMagic) return std::nullopt;
  return ReserveHead{.length = head.length, .generation = head.generation};
}

std::optional<ReserveEntry> decode_entry(std::string_view head_bytes, std::string_view bytes) {
  const RawHead head = raw_head(head_bytes);
  if (head.reserved != 0 || head.checksum != head.sum(bytes)) return std::nullopt;
  auto batch = core::decode_batch(bytes);
  if (!batch || !batch->aggregate) return std::nullopt;
  return ReserveEntry{.batch = *std::move(batch), .given_up = head.given_up};
}

}  // namespace tollgate::stores
