#include "core/usage/chunk_merge.h"

#include <algorithm>
#include <utility>

namespace tollgate::core {

ChunkMerge::ChunkMerge(std::vector<Run> runs) {
  cursors_.reserve(runs.size());
  for (Run& run : runs) cursors_.push_back({.run = std::move(run), .bytes = {}, .reader = {}, .row = {}});
}

// False: the run is at its end.
Result<bool> ChunkMerge::advance(Cursor& cursor) {
  while (true) {
    if (cursor.reader) {
      if (cursor.reader->next(cursor.row)) return true;
      if (cursor.reader->damaged()) return std::unexpected(cursor.run.damage());
      cursor.reader.reset();
    }
    TG_TRY(auto bytes, cursor.run.next());
    if (!bytes) return false;
    cursor.bytes = *std::move(bytes);
    cursor.reader = ChunkReader::open(cursor.bytes);
    if (!cursor.reader) return std::unexpected(cursor.run.damage());
  }
}

Result<void> ChunkMerge::start() {
  started_ = true;
  for (Cursor& cursor : cursors_) {
    TG_TRY(const bool more, advance(cursor));
    if (more) heap_.push_back(&cursor);
  }
  std::ranges::make_heap(heap_, [](const Cursor* a, const Cursor* b) { return b->row.key < a->row.key; });
  return {};
}

Result<std::optional<ChunkMerge::Item>> ChunkMerge::next() {
  if (!started_) {
    if (auto begun = start(); !begun) return std::unexpected(std::move(begun).error());
  } else if (!heap_.empty()) {
    TG_TRY(const bool more, advance(*heap_.front()));
    if (!more) {
      heap_.front() = heap_.back();
      heap_.pop_back();
    }
    sift_down();
  }
  if (heap_.empty()) return std::optional<Item>();
  return Item{.row = &heap_.front()->row, .tag = heap_.front()->run.tag};
}

void ChunkMerge::sift_down() {
  const std::size_t size = heap_.size();
  std::size_t at = 0;
  while (2 * at + 1 < size) {
    std::size_t least = 2 * at + 1;
    if (least + 1 < size && heap_[least + 1]->row.key < heap_[least]->row.key) ++least;
    if (!(heap_[least]->row.key < heap_[at]->row.key)) return;
    std::swap(heap_[at], heap_[least]);
    at = least;
  }
}

}  // namespace tollgate::core
