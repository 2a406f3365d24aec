// The registers of a sketch in few bytes: they are close together, so that half a byte each says how far they are above
// the least; the few that are further follow one by one. ~2 KiB.
//
//   u8 least | u16 exceptions | nibbles, the lower half first; 15 may be an exception | u16 register, u8 value each
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/usage/distinct.h"

namespace tollgate::core {

inline constexpr std::size_t kRegistersHeadBytes = 3;

void append_registers(std::string& out, std::span<const std::uint8_t> registers);
// So many bytes follow a head of kRegistersHeadBytes.
std::size_t registers_tail_bytes(std::string_view head);
// False when that is not what append_registers can have written.
bool read_registers(std::span<std::uint8_t> registers, std::string_view head, std::string_view tail);

}  // namespace tollgate::core
