// Which names the current segment defines. A definition is written before the first record of a segment that refers to
// it, so that each segment can be read alone, and holds no name that none of its records needs.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/usage/decision_record.h"
#include "core/usage/names.h"
#include "stores/segments/name_table.h"

namespace tollgate::stores {

// Thread safety: one thread.
class SegmentNames {
 public:
  explicit SegmentNames(const NameTable& names) : names_(names) {}

  // A new segment defines nothing.
  void forget();
  // Appends the definitions that `record` needs and the segment lacks. A name nobody knows stays undefined.
  void define(const core::DecisionRecord& record, std::string& out);
  // What was appended since the last call of either is in the segment; or it is not.
  void keep() { fresh_.clear(); }
  void undo();

 private:
  void define(core::NameKind kind, core::NameRef ref, std::string& out);

  const NameTable& names_;
  std::unordered_set<std::uint64_t> defined_;  // kind and reference
  std::vector<std::uint64_t> fresh_;           // of these, since keep()
  std::array<core::NameRef, 8> last_{};        // by kind: neighbours mostly agree
};

}  // namespace tollgate::stores
