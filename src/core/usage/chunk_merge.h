// Several runs of chunks as one sequence of rows in ascending order of key; rows of equal keys come one after the
// other. A run is chunks one after the other that are in order as if they were one; only one of them is in memory.
//
// Pure. Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "core/usage/chunk.h"

namespace tollgate::core {

class ChunkMerge {
 public:
  // The next chunk of a run; nothing at its end.
  using NextChunk = std::function<Result<std::optional<std::string>>()>;
  // What is said of a chunk that cannot be read: the last that `next` gave.
  using Damage = std::function<Error()>;

  struct Run {
    NextChunk next;
    Damage damage;
    int tag = 0;  // what its rows are to the caller
  };

  explicit ChunkMerge(std::vector<Run> runs);

  struct Item {
    const RollupRow* row = nullptr;  // until the next call
    int tag = 0;                     // of its run
  };
  // Nothing at the end.
  Result<std::optional<Item>> next();

 private:
  struct Cursor {
    Run run;
    std::string bytes;
    std::optional<ChunkReader> reader;
    RollupRow row;
  };
  Result<bool> advance(Cursor& cursor);
  Result<void> start();
  void sift_down();

  std::vector<Cursor> cursors_;
  std::vector<Cursor*> heap_;  // the least key first
  bool started_ = false;
};

}  // namespace tollgate::core
