#include "core/policy/tier.h"

#include <algorithm>

#include "base/str.h"

namespace tollgate::core {
namespace {

constexpr std::size_t kMaxNameLength = 40;

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

}  // namespace

std::optional<std::string> parse_tier_name(std::string_view text) {
  if (text.empty() || text.size() > kMaxNameLength) return std::nullopt;
  std::string name(text);
  std::ranges::transform(name, name.begin(), str::lower);
  if (!std::ranges::all_of(name, is_name_char)) return std::nullopt;
  return name;
}

}  // namespace tollgate::core
