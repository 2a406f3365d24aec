// Definitions of names by kind and reference, close together: where thousands are looked up for each batch, as with
// thousands of routes, nodes all over the memory are what costs.
#pragma once

#include <cstdint>
#include <vector>

#include "core/usage/names.h"
#include "core/usage/tuple_index.h"

namespace tollgate::core {

// Thread safety: as any value's.
class NameIndex {
 public:
  // The first definition of a reference stays.
  void add(const NameDefinition& name) {
    if (places_.add(tuple_of(name.kind, name.ref)) == names_.size()) names_.push_back(name);
  }
  // Null when nobody defined it. Valid until the next add().
  const NameDefinition* find(NameKind kind, NameRef ref) const {
    const auto place = places_.find(tuple_of(kind, ref));
    return place ? &names_[*place] : nullptr;
  }
  // In the order in which they were added.
  const std::vector<NameDefinition>& all() const { return names_; }

 private:
  static TupleIndex<1>::Tuple tuple_of(NameKind kind, NameRef ref) {
    return {static_cast<std::uint64_t>(kind) << 32 | ref};
  }

  TupleIndex<1> places_;  // of each in names_
  std::vector<NameDefinition> names_;
};

}  // namespace tollgate::core
