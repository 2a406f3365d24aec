// The names that records refer to: interned when a configuration or a key is loaded, written to the segments that use
// them, sent with each batch that does.
//
// Thread safety: all methods from any thread. Names are never forgotten while the process runs: there are as many as
// there are routes, tiers, consumers and combinations of limits.
#pragma once

#include <mutex>
#include <optional>
#include <string_view>

#include "core/usage/frames.h"
#include "core/usage/name_index.h"
#include "core/usage/names.h"

namespace tollgate::stores {

class NameTable {
 public:
  // 0 for the empty name. Names beyond core::kNameBytesMax are cut there.
  core::NameRef intern(core::NameKind kind, std::string_view name);
  // Takes up what a segment defines; other frames say nothing.
  void learn(const core::Frame& frame);
  std::optional<core::NameDefinition> find(core::NameKind kind, core::NameRef ref) const;

 private:
  mutable std::mutex mutex_;
  core::NameIndex names_;
};

}  // namespace tollgate::stores
