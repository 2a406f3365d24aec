#include "core/usage/chunk_fold.h"

#include <algorithm>

namespace tollgate::core {

Result<void> ChunkFold::add(const RollupRow& row) {
  RollupRow coarse = row;
  const std::int64_t unit = shape_.unit.count();
  const std::int64_t bucket = row.key.bucket();
  coarse.key = row.key.with_bucket(unit == 0 ? 0 : bucket - bucket % unit);
  if (!sum_.takes(coarse.key)) {
    if (auto written = write(); !written) return written;
  }
  sum_.add(coarse);
  return {};
}

Result<void> ChunkFold::write() {
  const RollupRow& row = sum_.take();
  const std::int64_t window = shape_.window.count() == 0 ? 0 : row.key.bucket() / shape_.window.count();
  auto at = writers_.find(window);
  if (at == writers_.end()) {
    if (writers_.size() == kWritersMax) {
      if (auto flushed = flush(); !flushed) return flushed;
    }
    at = writers_.emplace(window, ChunkWriter(std::max(shape_.unit, Seconds(1)))).first;
  }
  ChunkWriter& writer = at->second;
  if (writer.ends_before(row.key.key)) {
    if (auto done = put_(writer.take()); !done) return done;
  }
  writer.add(row);
  return {};
}

Result<void> ChunkFold::flush() {
  for (auto& [window, writer] : writers_) {
    if (writer.empty()) continue;
    if (auto done = put_(writer.take()); !done) return done;
  }
  writers_.clear();
  return {};
}

Result<void> ChunkFold::finish() {
  if (!sum_.empty()) {
    if (auto written = write(); !written) return written;
  }
  return flush();
}

}  // namespace tollgate::core
