#include "stores/archive/newest_first.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace tollgate::stores {

using core::LoggedRecord;
using core::RecordPosition;

namespace {

bool is_newer(const LoggedRecord& a, const LoggedRecord& b) {
  return RecordPosition::of(a) > RecordPosition::of(b);
}

}  // namespace

NewestFirst::NewestFirst(ArchiveQuery& query, const Wanted& wanted) : query_(query), wanted_(wanted) {
  if (wanted_.before) {
    // Those of the same time are told apart one by one.
    const WallTime last{Nanos(wanted_.before->time_ns)};
    if (last < wanted_.filter.to) wanted_.filter.to = last == WallTime::max() ? last : last + Nanos(1);
  }
  for (const auto& [number, entry] : query_.catalog().all()) {
    if (const auto* sealed = std::get_if<std::shared_ptr<const SealedFile>>(&entry)) {
      const SealedFooter& footer = (*sealed)->footer;
      if (!footer.blocks.empty()) add_place({.newest_ns = footer.last_ns(), .file = *sealed}, footer.first_ns());
      continue;
    }
    for (const OpenRecordsView::Piece& piece : std::get<std::shared_ptr<const OpenFile>>(entry)->view().pieces) {
      add_place({.newest_ns = piece.last_ns, .piece = piece}, piece.first_ns);
    }
  }
}

void NewestFirst::add_place(Place place, std::int64_t oldest_ns) {
  if (overlaps(wanted_.filter, oldest_ns, place.newest_ns)) places_.push(std::move(place));
}

Result<std::vector<LoggedRecord>> NewestFirst::run(const Clock& clock, MonoTime end) {
  while (!places_.empty()) {
    const Place place = places_.top();
    places_.pop();
    if (is_full() && best_.front().record.time_ns > place.newest_ns) break;
    if (auto in_time = check_deadline(clock, end); !in_time) return std::unexpected(std::move(in_time).error());
    if (auto looked = look(place); !looked) return std::unexpected(std::move(looked).error());
  }
  std::ranges::sort_heap(best_, is_newer);
  return std::move(best_);
}

Result<void> NewestFirst::look(const Place& place) {
  if (place.file == nullptr) {
    read_.clear();
    place.piece.read(wanted_.filter, read_);
    for (const LoggedRecord& one : read_) take(one);
    return {};
  }
  if (place.block != nullptr) return look_into(*place.file, *place.block);
  TG_TRY(const std::vector<const SealedBlock*> blocks, query_.blocks(*place.file, wanted_.filter));
  for (const SealedBlock* block : blocks) {
    places_.push({.newest_ns = block->last_ns, .file = place.file, .block = block});
  }
  return {};
}

Result<void> NewestFirst::look_into(const SealedFile& file, const SealedBlock& block) {
  TG_TRY(const bool is_there, query_.load(file, block, loaded_));
  if (!is_there) return {};
  std::vector<std::uint32_t> rows;
  if (!loaded_.reader().select(wanted_.filter, rows) || !take_rows(rows)) query_.note_damage(file, block.place);
  return {};
}

// Rows are in the order of position: the last ones count, and are read until as many as are wanted were among them.
bool NewestFirst::take_rows(std::span<const std::uint32_t> rows) {
  std::size_t missing = wanted_.limit;
  while (missing > 0 && !rows.empty()) {
    const std::size_t some = std::min(missing, rows.size());
    read_.clear();
    if (!loaded_.reader().read(rows.last(some), read_)) return false;
    rows = rows.first(rows.size() - some);
    for (const LoggedRecord& one : read_) {
      const bool is_before = !wanted_.before || RecordPosition::of(one) < *wanted_.before;
      missing -= is_before ? 1 : 0;
      take(one);
    }
  }
  return true;
}

void NewestFirst::take(const LoggedRecord& record) {
  if (wanted_.before && !(RecordPosition::of(record) < *wanted_.before)) return;
  if (is_full()) {
    if (!is_newer(record, best_.front())) return;
    std::ranges::pop_heap(best_, is_newer);
    best_.pop_back();
  }
  best_.push_back(record);
  std::ranges::push_heap(best_, is_newer);
}

}  // namespace tollgate::stores
