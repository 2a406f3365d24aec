#include "stores/sqlite/usage_names.h"

#include <mutex>

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
  const std::shared_lock lock(mutex_);
  const auto at = names_.find(key_of(kind, ref));
  return at == names_.end() ? core::unknown_name(ref) : at->second;
}

}  // namespace tollgate::stores
