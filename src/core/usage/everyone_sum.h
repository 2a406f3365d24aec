// What rows of keys come to for everyone: the rows that stand beside them.
//
// Thread safety: one thread at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/usage/row_table.h"

namespace tollgate::core {

class EveryoneSum {
 public:
  // In any order; rows of everyone themselves do not count.
  void add(const RollupRow& row) {
    if (row.key.key == kEveryone) return;
    Sum& sum = sums_.at(row.key.of_everyone());
    sum.value.add(row);
    sum.last_ms = std::max(sum.last_ms, row.last_ms);
  }
  // Calls `put(row)` for each row of everyone, in ascending order of key, which is after that of all others; a result
  // that is none ends it.
  template <class Put>
  auto each(Put&& put) const -> decltype(put(RollupRow{})) {
    std::vector<const Entry*> order;
    for (const Entry& entry : sums_.entries()) order.push_back(&entry);
    std::ranges::sort(order, {}, [](const Entry* entry) { return entry->key; });
    for (const Entry* entry : order) {
      const RollupValue& value = entry->value.value;
      auto done = put(RollupRow{.key = entry->key,
                                .counts = value.counts,
                                .last_ms = entry->value.last_ms,
                                .latency = value.latency.counts(),
                                .clients = value.clients.view()});
      if (!done) return done;
    }
    return {};
  }

 private:
  struct Sum {
    RollupValue value;
    std::int64_t last_ms = 0;
  };
  using Entry = RowTable<Sum>::Entry;
  RowTable<Sum> sums_;
};

}  // namespace tollgate::core
