#include "stores/sqlite/usage_names.h"

#include <mutex>

#include "base/str.h"

namespace tollgate::stores {

bool UsageNames::knows(const core::NameDefinition& name) const {
  const std::shared_lock lock(mutex_);
  return names_.contains({name.kind, name.ref});
}

void UsageNames::add(const core::NameDefinition& name) {
  const std::unique_lock lock(mutex_);
  names_.try_emplace({name.kind, name.ref}, name.name);
}

std::string UsageNames::text(core::NameKind kind, core::NameRef ref) const {
  if (ref == 0) return "none";
  const std::shared_lock lock(mutex_);
  const auto at = names_.find({kind, ref});
  if (at != names_.end()) return at->second;
  const char big_endian[] = {static_cast<char>(ref >> 24), static_cast<char>(ref >> 16), static_cast<char>(ref >> 8),
                             static_cast<char>(ref)};
  return "#" + str::to_hex({big_endian, sizeof(big_endian)});
}

}  // namespace tollgate::stores
