#include "stores/sqlite/usage_names.h"

#include <mutex>

namespace tollgate::stores {

std::vector<core::NameDefinition> UsageNames::new_among(std::span<const core::NameDefinition> names) const {
  const std::shared_lock lock(mutex_);
  std::vector<core::NameDefinition> unknown;
  for (const core::NameDefinition& name : names) {
    if (names_.find(name.kind, name.ref) == nullptr) unknown.push_back(name);
  }
  return unknown;
}

void UsageNames::add(const core::NameDefinition& name) {
  const std::unique_lock lock(mutex_);
  names_.add(name);
}

std::string UsageNames::text(core::NameKind kind, core::NameRef ref) const {
  const std::shared_lock lock(mutex_);
  const core::NameDefinition* name = names_.find(kind, ref);
  return name == nullptr ? core::unknown_name(ref) : name->name;
}

}  // namespace tollgate::stores
