#include "stores/segments/segment_names.h"

#include "core/usage/frames.h"

namespace tollgate::stores {

using core::NameKind;

void SegmentNames::forget() {
  defined_.clear();
  fresh_.clear();
  last_.fill(0);
}

void SegmentNames::define(const core::DecisionRecord& record, std::string& out) {
  define(NameKind::route, record.route, out);
  define(NameKind::tier, record.tier, out);
  define(NameKind::consumer, record.consumer, out);
  define(NameKind::limits, record.limits, out);
}

void SegmentNames::define(NameKind kind, core::NameRef ref, std::string& out) {
  core::NameRef& last = last_.at(static_cast<std::size_t>(kind));
  if (ref == last) return;
  last = ref;
  const std::uint64_t mark = static_cast<std::uint64_t>(kind) << 32 | ref;
  if (ref == 0 || !defined_.insert(mark).second) return;
  fresh_.push_back(mark);
  if (const auto name = names_.find(kind, ref)) core::append_frame(out, *name);
}

void SegmentNames::undo() {
  for (const std::uint64_t mark : fresh_) defined_.erase(mark);
  fresh_.clear();
  last_.fill(0);
}

}  // namespace tollgate::stores
