#include "stores/sqlite/usage_names.h"

#include <mutex>

#include "base/str.h"

namespace tollgate::stores {

std::vector<core::NameDefinition> UsageNames::new_among(std::span<const core::NameDefinition> names) const {
  const std::shared_lock lock(mutex_);
  std::vector<core::NameDefinition> unknown;
  for (const core::NameDefinition& name : names) {
    if (!names_.contains(key_of(name.kind, name.ref))) unknown.push_back(name);
  }
  return unknown;
}

void UsageNames::add(const core::NameDefinition& name) {
  const std::unique_lock lock(mutex_);
  names_.try_emplace(key_of(name.kind, name.ref), name.name);
}

std::string UsageNames::text(core::NameKind kind, core::NameRef ref) const {
  if (ref == 0) return "none";
  const std::shared_lock lock(mutex_);
  const auto at = names_.find(key_of(kind, ref));
  if (at != names_.end()) return at->second;
  const char big_endian[] = {static_cast<char>(ref >> 24), static_cast<char>(ref >> 16), static_cast<char>(ref >> 8),
                             static_cast<char>(ref)};
  return "#" + str::to_hex({big_endian, sizeof(big_endian)});
}

}  // namespace tollgate::stores
