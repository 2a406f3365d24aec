// Names by reference, in memory: what definitions brought in, as queries show them.
//
// Thread safety: all methods from any thread.
#pragma once

#include <map>
#include <shared_mutex>
#include <string>
#include <utility>

#include "core/usage/names.h"

namespace tollgate::stores {

class UsageNames {
 public:
  bool knows(const core::NameDefinition& name) const;
  // The first definition of a reference stays.
  void add(const core::NameDefinition& name);
  // "none" for reference 0, "#1a2b3c4d" for one that nobody defined.
  std::string text(core::NameKind kind, core::NameRef ref) const;

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::pair<core::NameKind, core::NameRef>, std::string> names_;
};

}  // namespace tollgate::stores
