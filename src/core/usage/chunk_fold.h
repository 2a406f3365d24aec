// Where rows become coarser ones: rows in ascending order go in, chunks that each lie within one window of time come
// out.
//
// Pure. Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "base/error.h"
#include "core/usage/chunk.h"
#include "core/usage/row_sum.h"

namespace tollgate::core {

// What rows become: buckets of `unit`, chunks of `window`. 0 s: all of time.
struct FoldShape {
  Seconds unit{1};
  Seconds window{0};
};

class ChunkFold {
 public:
  using Put = std::function<Result<void>(Chunk)>;

  ChunkFold(FoldShape shape, Put put) : shape_(shape), put_(std::move(put)) {}

  // Rows in ascending order of key; they may be finer than `unit`.
  Result<void> add(const RollupRow& row);
  // After the last.
  Result<void> finish();

 private:
  // Each takes about 5 KiB. Only records from more than that many windows at once, half a year of hours, come to more.
  static constexpr std::size_t kWritersMax = 4096;

  Result<void> write();
  Result<void> flush();

  const FoldShape shape_;
  const Put put_;
  RowSum sum_;
  std::map<std::int64_t, ChunkWriter> writers_;  // by window
};

}  // namespace tollgate::core
