#include "stores/segments/name_table.h"

#include <algorithm>
#include <variant>

#include "core/usage/frames.h"

namespace tollgate::stores {

using core::NameDefinition;
using core::NameKind;
using core::NameRef;

NameRef NameTable::intern(NameKind kind, std::string_view name) {
  if (name.empty()) return 0;
  name = name.substr(0, core::kNameBytesMax);
  const NameRef ref = core::name_ref(kind, name);
  const std::scoped_lock lock(mutex_);
  names_.add({kind, ref, std::string(name)});
  return ref;
}

void NameTable::learn(const core::Frame& frame) {
  if (const auto* name = std::get_if<NameDefinition>(&frame)) intern(name->kind, name->name);
}

std::optional<NameDefinition> NameTable::find(NameKind kind, NameRef ref) const {
  const std::scoped_lock lock(mutex_);
  const NameDefinition* name = names_.find(kind, ref);
  return name == nullptr ? std::nullopt : std::optional(*name);
}

}  // namespace tollgate::stores
