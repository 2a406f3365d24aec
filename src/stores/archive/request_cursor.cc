#include "stores/archive/request_cursor.h"

#include <cstring>

#include "base/crc.h"
#include "base/str.h"

namespace tollgate::stores {
namespace {

constexpr std::size_t kFields = 3 * sizeof(std::uint64_t);
constexpr std::uint32_t kVersion = 1;  // in the checksum

std::uint32_t checksum(std::string_view fields) {
  return crc32c(fields, kVersion);
}

}  // namespace

std::string encode_cursor(const core::RecordPosition& position) {
  std::string bytes(kFields + sizeof(std::uint32_t), '\0');
  std::memcpy(bytes.data(), &position.time_ns, 8);
  std::memcpy(bytes.data() + 8, &position.ring_id, 8);
  std::memcpy(bytes.data() + 16, &position.sequence, 8);
  const std::uint32_t sum = checksum(std::string_view(bytes).substr(0, kFields));
  std::memcpy(bytes.data() + kFields, &sum, sizeof(sum));
  return str::to_base64url(bytes);
}

Result<core::RecordPosition> decode_cursor(std::string_view text) {
  const auto bytes = str::from_base64url(text);
  std::uint32_t sum = 0;
  const bool has_length = bytes && bytes->size() == kFields + sizeof(sum);
  if (has_length) std::memcpy(&sum, bytes->data() + kFields, sizeof(sum));
  if (!has_length || sum != checksum(std::string_view(*bytes).substr(0, kFields))) {
    return fail(codes::invalid_parameter, "cursor is not one that a page before gave; begin without one");
  }
  core::RecordPosition position;
  std::memcpy(&position.time_ns, bytes->data(), 8);
  std::memcpy(&position.ring_id, bytes->data() + 8, 8);
  std::memcpy(&position.sequence, bytes->data() + 16, 8);
  return position;
}

}  // namespace tollgate::stores
