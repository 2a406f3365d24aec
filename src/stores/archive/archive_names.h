// What a file's references stand for: each definition is in it before the first record that refers to it, so that the
// file can be read alone. Thread safety: as any value's.
#pragma once

#include <string>
#include <vector>

#include "core/usage/name_index.h"
#include "core/usage/names.h"
#include "ports/names.h"

namespace tollgate::stores {

class ArchiveNames final : public ports::NameDirectory {
 public:
  bool has(const core::NameDefinition& name) const { return names_.find(name.kind, name.ref) != nullptr; }
  void add(const core::NameDefinition& name) { names_.add(name); }
  std::string text(core::NameKind kind, core::NameRef ref) const override {
    const core::NameDefinition* name = names_.find(kind, ref);
    return name == nullptr ? core::unknown_name(ref) : name->name;
  }
  const std::vector<core::NameDefinition>& all() const { return names_.all(); }

 private:
  core::NameIndex names_;
};

}  // namespace tollgate::stores
