#include "core/usage/limit_list.h"

#include <array>
#include <utility>

namespace tollgate::core {
namespace {

constexpr std::array<std::pair<std::string_view, bool LimitScope::*>, 4> kParts{
    {{"route", &LimitScope::route},
     {"tier", &LimitScope::tier},
     {"key", &LimitScope::key},
     {"client_ip", &LimitScope::client_ip}}};

// False: a word that is no part of a scope.
bool read_scope(std::string_view text, LimitScope& scope) {
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    bool known = false;
    for (const auto& [name, part] : kParts) {
      if (name != word) continue;
      scope.*part = true;
      known = true;
    }
    if (!known) return false;
  }
  return true;
}

}  // namespace

std::vector<std::string_view> scope_parts(const LimitScope& scope) {
  std::vector<std::string_view> names;
  for (const auto& [name, part] : kParts) {
    if (scope.*part) names.push_back(name);
  }
  return names;
}

void append_to_limit_list(std::string& list, std::string_view name, const LimitScope& scope) {
  if (!list.empty()) list += ',';
  list.append(name) += '(';
  std::string_view separator;
  for (const std::string_view part : scope_parts(scope)) {
    list.append(separator).append(part);
    separator = ",";
  }
  list += ')';
}

std::vector<ListedLimit> read_limit_list(std::string_view list) {
  std::vector<ListedLimit> limits;
  while (!list.empty()) {
    const std::size_t open = list.find('(');
    const std::size_t close = list.find(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open || open == 0) return limits;
    ListedLimit limit{.name = std::string(list.substr(0, open)), .scope = {}};
    if (!read_scope(list.substr(open + 1, close - open - 1), limit.scope)) return limits;
    limits.push_back(std::move(limit));
    list.remove_prefix(close + 1);
    if (list.empty()) break;
    if (list.front() != ',') return limits;
    list.remove_prefix(1);
  }
  return limits;
}

}  // namespace tollgate::core
