// What a file's references stand for: each definition is in it before the first record that refers to it, so that the
// file can be read alone. Thread safety: as any value's.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/usage/names.h"
#include "ports/names.h"

namespace tollgate::stores {

class ArchiveNames final : public ports::NameDirectory {
 public:
  bool has(const core::NameDefinition& name) const { return texts_.contains({name.kind, name.ref}); }
  void add(const core::NameDefinition& name) { texts_.try_emplace({name.kind, name.ref}, name.name); }
  std::string text(core::NameKind kind, core::NameRef ref) const override {
    const auto at = texts_.find({kind, ref});
    return at == texts_.end() ? core::unknown_name(ref) : at->second;
  }
  std::vector<core::NameDefinition> all() const {
    std::vector<core::NameDefinition> all;
    for (const auto& [key, text] : texts_) all.push_back({key.first, key.second, text});
    return all;
  }

 private:
  std::map<std::pair<core::NameKind, core::NameRef>, std::string> texts_;
};

}  // namespace tollgate::stores
