// The names that records refer to: interned at configuration time, written to each segment, sent with each batch.
//
// Thread safety: all methods from any thread. Names are never forgotten while the process runs: there are as many as a
// configuration has routes, tiers and limits.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/usage/names.h"

namespace tollgate::stores {

class NameTable {
 public:
  // 0 for the empty name. Names beyond core::kNameBytesMax are cut there.
  core::NameRef intern(core::NameKind kind, std::string_view name);
  std::size_t size() const;
  // Those from the `first`-th on, in the order they came.
  std::vector<core::NameDefinition> from(std::size_t first) const;
  std::optional<core::NameDefinition> find(core::NameKind kind, core::NameRef ref) const;

 private:
  mutable std::mutex mutex_;
  std::vector<core::NameDefinition> names_;
  std::map<std::pair<core::NameKind, core::NameRef>, std::size_t> index_;
};

}  // namespace tollgate::stores
