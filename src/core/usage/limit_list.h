// The limits that a request meets, as one name in decision records: each with what it counts by, in the order they are
// asked. "key(key),per-client(route,client_ip),all()"
//
// Pure. Thread safety: values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/policy/limit_rule.h"

namespace tollgate::core {

struct ListedLimit {
  std::string name;
  LimitScope scope;
  bool operator==(const ListedLimit&) const = default;
};

void append_to_limit_list(std::string& list, std::string_view name, const LimitScope& scope);
// Names of what a scope counts by, as configuration spells them: "route", "tier", "key", "client_ip".
std::vector<std::string_view> scope_parts(const LimitScope& scope);
// What append_to_limit_list() put together. Text that it cannot have written gives the limits before that place.
std::vector<ListedLimit> read_limit_list(std::string_view list);

}  // namespace tollgate::core
