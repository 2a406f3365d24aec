#include "stores/archive/archive_frames.h"

#include <array>
#include <cstring>

#include "base/assert.h"
#include "base/crc.h"

namespace tollgate::stores {
namespace {

std::uint32_t u32_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

std::uint32_t checksum(std::string_view frame) {
  return crc32c(frame.substr(8), crc32c(frame.substr(0, 4)));
}

bool is_known(std::uint8_t type) {
  switch (static_cast<ArchiveFrameType>(type)) {
    case ArchiveFrameType::name:
    case ArchiveFrameType::ring_position:
    case ArchiveFrameType::rows:
    case ArchiveFrameType::block:
    case ArchiveFrameType::index_page:
    case ArchiveFrameType::footer: return true;
  }
  return false;
}

}  // namespace

void append_archive_frame(std::string& out, ArchiveFrameType type, std::string_view payload) {
  TG_ASSERT(payload.size() <= kArchiveFrameBytesMax - kArchiveFrameHead);
  std::array<char, kArchiveFrameHead> head{};
  const auto length = static_cast<std::uint32_t>(payload.size());
  std::memcpy(head.data(), &length, 4);
  head[8] = static_cast<char>(type);
  const std::uint32_t sum = crc32c(payload, crc32c({&head[8], 1}, crc32c({head.data(), 4})));
  std::memcpy(&head[4], &sum, 4);
  out.append(head.data(), head.size()).append(payload);
}

std::expected<ArchiveFrame, ArchiveFrameFault> read_archive_frame(std::string_view bytes) {
  if (bytes.size() < kArchiveFrameHead) return std::unexpected(ArchiveFrameFault::incomplete);
  const std::size_t length = u32_at(bytes, 0);
  const auto type = static_cast<std::uint8_t>(bytes[8]);
  if (!is_known(type) || length > kArchiveFrameBytesMax - kArchiveFrameHead) {
    return std::unexpected(ArchiveFrameFault::damaged);
  }
  if (bytes.size() - kArchiveFrameHead < length) return std::unexpected(ArchiveFrameFault::incomplete);
  const std::string_view whole = bytes.substr(0, kArchiveFrameHead + length);
  if (checksum(whole) != u32_at(whole, 4)) return std::unexpected(ArchiveFrameFault::damaged);
  return ArchiveFrame{static_cast<ArchiveFrameType>(type), whole, whole.substr(kArchiveFrameHead)};
}

std::optional<ArchiveFrames::Item> ArchiveFrames::next() {
  if (at_ >= bytes_.size()) return std::nullopt;
  if (auto frame = read_archive_frame(bytes_.substr(at_))) {
    at_ += frame->whole.size();
    return *frame;
  }
  Damage damage{.offset = at_};
  while (++at_ < bytes_.size() && !read_archive_frame(bytes_.substr(at_))) {
  }
  damage.bytes = at_ - damage.offset;
  return std::unexpected(damage);
}

}  // namespace tollgate::stores
