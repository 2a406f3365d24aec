// The names that records refer to: interned when a configuration or a key is loaded, written to the segments that use
// them, sent with each batch that does.
//
// Thread safety: all methods from any thread. Names are never forgotten while the process runs: there are as many as
// there are routes, tiers, consumers and combinations of limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/usage/frames.h"
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
  // References are hashes already.
  static std::uint64_t key_of(core::NameKind kind, core::NameRef ref) {
    return static_cast<std::uint64_t>(kind) << 32 | ref;
  }

  mutable std::mutex mutex_;
  std::vector<core::NameDefinition> names_;
  std::unordered_map<std::uint64_t, std::size_t> index_;  // in names_, by key_of()
};

}  // namespace tollgate::stores
