// The newest records that pass a filter, whatever files they are in: a place is read only when nothing that is still
// wanted can be newer than its newest record. Thread safety: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <queue>
#include <span>
#include <vector>

#include "base/clock.h"
#include "core/usage/record_filter.h"
#include "stores/archive/archive_query.h"

namespace tollgate::stores {

class NewestFirst {
 public:
  struct Wanted {
    core::RecordFilter filter;
    std::size_t limit = 1;                       // at least 1
    std::optional<core::RecordPosition> before;  // only those
  };
  NewestFirst(ArchiveQuery& query, const Wanted& wanted);

  // store_unavailable when `end` comes first.
  Result<std::vector<core::LoggedRecord>> run(const Clock& clock, MonoTime end);

 private:
  // Somewhere to look, and the time of its newest record.
  struct Place {
    std::int64_t newest_ns = 0;
    std::shared_ptr<const SealedFile> file;  // null: `piece`
    const SealedBlock* block = nullptr;      // null: which ones is not known yet
    OpenRecordsView::Piece piece;
    bool operator<(const Place& other) const { return newest_ns < other.newest_ns; }
  };

  void add_place(Place place, std::int64_t oldest_ns);
  Result<void> look(const Place& place);
  Result<void> look_into(const SealedFile& file, const SealedBlock& block);
  bool take_rows(std::span<const std::uint32_t> rows);
  void take(const core::LoggedRecord& record);
  bool is_full() const { return best_.size() == wanted_.limit; }

  ArchiveQuery& query_;
  Wanted wanted_;
  std::priority_queue<Place> places_;
  std::vector<core::LoggedRecord> best_;  // a heap, the oldest on top
  LoadedBlock loaded_;
  std::vector<core::LoggedRecord> read_;
};

}  // namespace tollgate::stores
