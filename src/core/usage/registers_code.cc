#include "core/usage/registers_code.h"

#include <algorithm>
#include <cstring>

namespace tollgate::core {
namespace {

constexpr std::uint8_t kNibbleMax = 15;
constexpr std::size_t kNibbleBytes = kDistinctRegisters / 2;
constexpr std::size_t kExceptionBytes = 3;

std::size_t u16_at(std::string_view bytes, std::size_t at) {
  std::uint16_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

void append_u16(std::string& out, std::size_t value) {
  out.push_back(static_cast<char>(value));
  out.push_back(static_cast<char>(value >> 8));
}

}  // namespace

void append_registers(std::string& out, std::span<const std::uint8_t> registers) {
  const std::uint8_t least = std::ranges::min(registers);
  const auto above = [&](std::size_t i) { return static_cast<std::uint8_t>(registers[i] - least); };
  const auto is_exception = [&](std::uint8_t value) { return value - least > kNibbleMax; };
  out.push_back(static_cast<char>(least));
  append_u16(out, static_cast<std::size_t>(std::ranges::count_if(registers, is_exception)));
  for (std::size_t i = 0; i < registers.size(); i += 2) {
    out.push_back(static_cast<char>(std::min(above(i), kNibbleMax) | std::min(above(i + 1), kNibbleMax) << 4));
  }
  for (std::size_t i = 0; i < registers.size(); ++i) {
    if (!is_exception(registers[i])) continue;
    append_u16(out, i);
    out.push_back(static_cast<char>(registers[i]));
  }
}

std::size_t registers_tail_bytes(std::string_view head) {
  return kNibbleBytes + kExceptionBytes * u16_at(head, 1);
}

bool read_registers(std::span<std::uint8_t> registers, std::string_view head, std::string_view tail) {
  const auto least = static_cast<std::uint8_t>(head[0]);
  if (tail.size() != registers_tail_bytes(head) || least > kDistinctRankMax) return false;
  for (std::size_t i = 0; i < kNibbleBytes; ++i) {
    const auto both = static_cast<std::uint8_t>(tail[i]);
    registers[2 * i] = static_cast<std::uint8_t>(least + (both & kNibbleMax));
    registers[2 * i + 1] = static_cast<std::uint8_t>(least + (both >> 4));
  }
  for (std::size_t at = kNibbleBytes; at < tail.size(); at += kExceptionBytes) {
    const std::size_t i = u16_at(tail, at);
    if (i >= registers.size()) return false;
    registers[i] = static_cast<std::uint8_t>(tail[at + 2]);
  }
  return std::ranges::max(registers) <= kDistinctRankMax;
}

}  // namespace tollgate::core
