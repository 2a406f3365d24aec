#include "core/usage/chunk_head.h"

#include <algorithm>
#include <cstring>

#include "base/crc.h"
#include "core/usage/varint.h"

namespace tollgate::core::chunk_format {
namespace {

// More rows than any writer puts into a chunk, and few enough that a count of them cannot mislead anybody.
constexpr std::uint64_t kRowsMax = 1u << 24;
constexpr std::size_t kSectionsMax = 64;
constexpr std::size_t kCrcAt = 1;
constexpr std::size_t kLengthAt = 5;

constexpr std::uint8_t kVersion1 = 1;
constexpr std::size_t kPrefixBytes1 = 5;
// The columns of version 1, in their order.
constexpr auto kColumns1 =
    std::to_array<Section>({key, shape, bucket, requests, allowed, rate_limited, unauthorized, errors, bytes_in,
                            bytes_out, cost, last, buckets, places, place_counts});

template <class T>
T number_at(std::string_view bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

template <class T>
void put_number(std::string& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof(value));
}

// Takes one number of the head off the front; false when there is none, or it is beyond `most`.
bool take_into(std::uint64_t& number, std::string_view& from, std::uint64_t most) {
  const auto taken = take_varint(from);
  number = taken.value_or(0);
  return taken && number <= most;
}

bool take_numbers(Head& head, std::string_view& from) {
  constexpr std::uint64_t kAny = ~std::uint64_t{0};
  return take_into(head.rows, from, kRowsMax) && take_into(head.unit, from, kAny) &&
         take_into(head.first_key, from, kEveryone) && take_into(head.first_bucket, from, kAny) && head.rows > 0 &&
         head.unit > 0;
}

// One after the other from `at` on; nothing when they are not within `size`.
std::optional<Head> in_order(Head head, std::size_t at, std::size_t size) {
  for (Head::Place& place : head.where) {
    if (place.length > size - at) return std::nullopt;
    place.at = at;
    at += place.length;
  }
  return head;
}

std::optional<Head> parse_first_version(std::string_view beginning, std::size_t size) {
  if (beginning.size() < kPrefixBytes1) return std::nullopt;
  Head head{.version = kVersion1, .where = {}};
  head.crc = number_at<std::uint32_t>(beginning, kCrcAt);
  std::string_view rest = beginning.substr(kPrefixBytes1);
  std::uint64_t count = 0;
  if (!take_numbers(head, rest) || !take_into(count, rest, size / kShapeBytes)) return std::nullopt;
  head.where[Section::shapes].length = count * kShapeBytes;
  for (const Section column : kColumns1) {
    std::uint64_t length = 0;
    if (!take_into(length, rest, size)) return std::nullopt;
    head.where[column].length = length;
  }
  const std::size_t at = beginning.size() - rest.size();
  std::size_t total = at;
  for (const Head::Place& place : head.where) total += place.length;
  return total == size ? in_order(head, at, size) : std::nullopt;
}

std::optional<Head> parse_second_version(std::string_view beginning, std::size_t size) {
  if (beginning.size() < kPrefixBytes) return std::nullopt;
  const std::size_t length = number_at<std::uint16_t>(beginning, kLengthAt);
  if (length > beginning.size() - kPrefixBytes || kPrefixBytes + length > kHeadBytesMax) return std::nullopt;
  if (crc32c(beginning.substr(kLengthAt, 2 + length)) != number_at<std::uint32_t>(beginning, kCrcAt)) {
    return std::nullopt;
  }
  std::string_view rest = beginning.substr(kPrefixBytes, length);
  Head head{.where = {}};
  std::uint64_t count = 0;
  if (!take_numbers(head, rest) || !take_into(count, rest, kSectionsMax)) return std::nullopt;
  std::size_t total = kPrefixBytes + length;
  std::array<std::uint64_t, kSectionsMax> lengths{};
  for (std::size_t i = 0; i < count; ++i) {
    if (!take_into(lengths[i], rest, size)) return std::nullopt;
    total += lengths[i];
  }
  if (total != size) return std::nullopt;
  for (std::size_t i = 0; i < std::min<std::size_t>(count, sections); ++i) {
    head.where[i].length = lengths[i];
    if (lengths[i] == 0) continue;
    if (rest.size() < kWordBytes) return std::nullopt;
    head.where[i].crc = number_at<std::uint32_t>(rest, 0);
    rest.remove_prefix(kWordBytes);
  }
  return in_order(head, kPrefixBytes + length, size);
}

struct Group {
  Section first;
  Section last;
};

// Sections that are read together.
std::vector<Group> groups_of(RowParts parts) {
  std::vector<Group> groups{{shapes, requests}};
  if (parts.counts) groups.push_back({allowed, last});
  if (parts.latency) groups.push_back({buckets, place_counts});
  if (parts.clients) groups.push_back({clients, client_registers});
  return groups;
}

}  // namespace

std::optional<Head> Head::parse(std::string_view beginning, std::size_t size) {
  if (beginning.empty()) return std::nullopt;
  switch (static_cast<std::uint8_t>(beginning[0])) {
    case kVersion1: return parse_first_version(beginning, size);
    case kVersion: return parse_second_version(beginning, size);
    default: return std::nullopt;
  }
}

std::string Head::write(const Head& head) {
  std::string out(kPrefixBytes, '\0');
  for (const std::uint64_t number : {head.rows, head.unit, head.first_key, head.first_bucket}) {
    append_varint(out, number);
  }
  append_varint(out, head.where.size());
  for (const Place& place : head.where) append_varint(out, place.length);
  for (const Place& place : head.where) {
    if (place.length == 0) continue;
    out.resize(out.size() + kWordBytes);
    put_number(out, out.size() - kWordBytes, place.crc);
  }
  out[0] = static_cast<char>(kVersion);
  put_number(out, kLengthAt, static_cast<std::uint16_t>(out.size() - kPrefixBytes));
  put_number(out, kCrcAt, crc32c(std::string_view(out).substr(kLengthAt)));
  return out;
}

std::vector<ByteRange> ranges_of(const Head& head, RowParts parts) {
  if (head.version == kVersion1) return {{.from = 0, .to = head.where.back().at + head.where.back().length}};
  std::vector<ByteRange> ranges;
  for (const Group& group : groups_of(parts)) {
    const Head::Place& end = head.where[group.last];
    const ByteRange range{.from = head.where[group.first].at, .to = end.at + end.length};
    if (!ranges.empty() && ranges.back().to == range.from) {
      ranges.back().to = range.to;
    } else if (range.from < range.to) {
      ranges.push_back(range);
    }
  }
  return ranges;
}

bool is_sound(const Head& head, std::string_view bytes, RowParts parts) {
  if (head.version == kVersion1) return crc32c(bytes.substr(kPrefixBytes1)) == head.crc;
  return std::ranges::all_of(groups_of(parts), [&](const Group& group) {
    for (std::size_t i = group.first; i <= group.last; ++i) {
      const Head::Place& place = head.where[i];
      if (place.length > 0 && crc32c(bytes.substr(place.at, place.length)) != place.crc) return false;
    }
    return true;
  });
}

}  // namespace tollgate::core::chunk_format
