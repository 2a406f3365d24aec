// Names by reference, in memory: what definitions brought in, as queries show them.
//
// Thread safety: all methods from any thread.
#pragma once

#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "core/usage/name_index.h"
#include "core/usage/names.h"
#include "ports/names.h"

namespace tollgate::stores {

class UsageNames final : public ports::NameDirectory {
 public:
  // Those that nobody defined yet.
  std::vector<core::NameDefinition> new_among(std::span<const core::NameDefinition> names) const;
  // The first definition of a reference stays.
  void add(const core::NameDefinition& name);
  std::string text(core::NameKind kind, core::NameRef ref) const override;

 private:
  mutable std::shared_mutex mutex_;
  core::NameIndex names_;
};

}  // namespace tollgate::stores
