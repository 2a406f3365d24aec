// Names in records are 32-bit references; here is how they are made and what defines them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/str.h"
#include "core/usage/decision_record.h"

namespace tollgate::core {

enum class NameKind : std::uint8_t {
  route = 1,
  tier = 2,
  limit = 3,  // in the past: one limit; kept so that old definitions can be read
  consumer = 4,
  limits = 5,  // all limits that a request meets
};
inline constexpr NameKind kLastNameKind = NameKind::limits;

struct NameDefinition {
  NameKind kind = NameKind::route;
  NameRef ref = 0;
  std::string name;
  bool operator==(const NameDefinition&) const = default;
};

// The same on every gateway and every start, so that definitions can be merged. Never 0.
inline NameRef name_ref(NameKind kind, std::string_view name) {
  const auto low = static_cast<NameRef>(hash64(name, 0x746f'6c6c'6761'7465u + static_cast<std::uint64_t>(kind)));
  return low == 0 ? 1 : low;
}

// What is shown for a reference whose text has never come: "#" and eight hex digits; "none" for 0.
inline std::string unknown_name(NameRef ref) {
  if (ref == 0) return "none";
  const char big_endian[] = {static_cast<char>(ref >> 24), static_cast<char>(ref >> 16), static_cast<char>(ref >> 8),
                             static_cast<char>(ref)};
  return "#" + str::to_hex({big_endian, sizeof(big_endian)});
}

}  // namespace tollgate::core
