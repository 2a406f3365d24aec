// Bytes of chunks, damaged in ways that their checksums do not show.
#pragma once

#include <cstring>
#include <string>
#include <string_view>

#include "base/crc.h"
#include "core/usage/chunk_head.h"

namespace tollgate::core {

inline void put_crc(std::string& bytes, std::string_view of) {
  const std::uint32_t crc = crc32c(of);
  std::memcpy(bytes.data() + 1, &crc, sizeof(crc));
}

// The bytes with checksums that are right; as they are where even then they are no chunk.
inline std::string with_right_checksums(std::string bytes) {
  using chunk_format::Head;
  using chunk_format::kPrefixBytes;
  if (bytes.size() < kPrefixBytes) return bytes;
  if (bytes[0] == 1) {
    put_crc(bytes, std::string_view(bytes).substr(5));
    return bytes;
  }
  std::uint16_t length = 0;
  std::memcpy(&length, bytes.data() + 5, sizeof(length));
  if (kPrefixBytes + length > bytes.size()) return bytes;
  put_crc(bytes, std::string_view(bytes).substr(5, 2u + length));
  auto head = Head::parse(bytes, bytes.size());
  if (!head) return bytes;
  for (Head::Place& place : head->where) place.crc = crc32c(std::string_view(bytes).substr(place.at, place.length));
  const Head::Place& last = head->where.back();
  return Head::write(*head) + bytes.substr(head->where.front().at, last.at + last.length - head->where.front().at);
}

}  // namespace tollgate::core
