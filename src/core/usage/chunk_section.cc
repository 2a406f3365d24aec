#include "core/usage/chunk_section.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace tollgate::core::chunk_format {
namespace {

constexpr std::size_t kVarintBytesMax = 10;
constexpr std::size_t kBytesMin = 256;

}  // namespace

void SectionWriter::make_room(std::size_t bytes) {
  const std::size_t most = size_ + bytes;
  if (bytes_.size() < most) bytes_.resize(std::max({most, kBytesMin, 2 * bytes_.size()}));
}

void SectionWriter::append(std::uint64_t value) {
  make_room(leading_zeros_ + kVarintBytesMax);
  if (leading_zeros_ > 0) {
    std::memset(bytes_.data(), 0, leading_zeros_);
    size_ = std::exchange(leading_zeros_, 0);
  }
  char* at = bytes_.data() + size_;
  while (value >= 0x80) {
    *at++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *at++ = static_cast<char>(value);
  size_ = static_cast<std::size_t>(at - bytes_.data());
}

void SectionWriter::add_bytes(std::string_view bytes) {
  make_room(bytes.size());
  std::ranges::copy(bytes, bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += bytes.size();
}

// The bytes after one that says that more follow.
std::uint64_t SectionReader::rest_of(std::uint64_t value, bool& sound) {
  value &= 0x7f;
  for (unsigned shift = 7; shift < 64 && at_ != end_; shift += 7) {
    const auto byte = static_cast<std::uint8_t>(*at_++);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  sound = false;
  return 0;
}

// Eight bytes at a time: a number ends with each byte whose top bit is clear.
void SectionReader::skip(std::size_t rows, bool& sound) {
  constexpr std::uint64_t kTopBits = 0x8080'8080'8080'8080;
  if (all_zeros_) return;
  while (rows >= 8 && end_ - at_ >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at_, sizeof(word));
    rows -= static_cast<std::size_t>(std::popcount(~word & kTopBits));
    at_ += 8;
  }
  // The eight may have ended within a number, whose rest is then skipped as one of its own.
  while (rows > 0) {
    if (at_ == end_) {
      sound = false;
      return;
    }
    if (static_cast<std::uint8_t>(*at_++) < 0x80) --rows;
  }
}

std::string_view SectionReader::take_bytes(std::size_t count, bool& sound) {
  if (static_cast<std::size_t>(end_ - at_) < count) {
    sound = false;
    return {};
  }
  const std::string_view taken(at_, count);
  at_ += count;
  return taken;
}

}  // namespace tollgate::core::chunk_format
