#include "stores/segments/shedder.h"

#include <optional>
#include <utility>

namespace tollgate::stores {

bool Shedder::shed(const std::vector<Part>& parts) {
  std::vector<Reserve::Entry> entries;
  for (const Part& part : parts) entries.push_back(entry_of(part));
  // Before: the other thread may send them, and settle their counts, as soon as they are in the reserve.
  for (const Reserve::Entry& entry : entries) book_.hold(entry.batch.ring_id, entry.sum());
  if (reserve_.append(entries)) return true;
  for (const Reserve::Entry& entry : entries) book_.unhold(entry.batch.ring_id, entry.sum());
  return false;
}

Reserve::Entry Shedder::entry_of(const Part& part) const {
  Reserve::Entry entry{.batch = {.ring_id = part.ring_id, .names = {}, .records = {}}, .given_up = part.given_up};
  core::Aggregate& counts = entry.batch.aggregate.emplace(core::aggregate_of(part.records));
  counts.first = part.first;
  counts.end = part.end;
  for (const core::NameUse& use : core::names_used(counts)) {
    if (auto name = names_.find(use.kind, use.ref)) entry.batch.names.push_back(*std::move(name));
  }
  return entry;
}

}  // namespace tollgate::stores
