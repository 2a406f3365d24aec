#include "stores/archive/decision_search.h"

#include <variant>

#include "stores/archive/open_records.h"

namespace tollgate::stores {
namespace {

// The second before to the second after: whoever made the id may have looked at the clock twice.
core::RecordFilter around_second_of(std::uint64_t decision_id) {
  const WallTime second{Seconds(static_cast<std::int64_t>(decision_id >> 32))};
  return {.from = second - Seconds(1), .to = second + Seconds(2)};
}

void find_in(const OpenRecordsView::Piece& piece, const core::RecordFilter& around, std::uint64_t decision_id,
             std::vector<core::LoggedRecord>& found) {
  if (!overlaps(around, piece.first_ns, piece.last_ns)) return;
  std::vector<core::LoggedRecord> some;
  piece.read(around, some);
  for (const core::LoggedRecord& one : some) {
    if (one.record.request_id == decision_id) found.push_back(one);
  }
}

Result<void> find_in(ArchiveQuery& query, const SealedFile& file, const SealedBlock& block, std::uint64_t decision_id,
                     std::vector<core::LoggedRecord>& found) {
  LoadedBlock loaded;
  TG_TRY(const bool is_there, query.load(file, block, loaded));
  if (!is_there) return {};
  std::vector<std::uint32_t> rows;
  const bool sound =
      loaded.reader().select_id(decision_id, rows) && (rows.empty() || loaded.reader().read(rows, found));
  if (!sound) query.note_damage(file, block.place);
  return {};
}

}  // namespace

Result<std::vector<core::LoggedRecord>> find_decision(ArchiveQuery& query, std::uint64_t decision_id,
                                                      const Clock& clock, MonoTime end) {
  const core::RecordFilter around = around_second_of(decision_id);
  std::vector<core::LoggedRecord> found;
  for (const auto& [number, entry] : query.catalog().all()) {
    if (const auto* open = std::get_if<std::shared_ptr<const OpenFile>>(&entry)) {
      for (const OpenRecordsView::Piece& piece : (*open)->view().pieces) find_in(piece, around, decision_id, found);
      continue;
    }
    const SealedFile& file = *std::get<std::shared_ptr<const SealedFile>>(entry);
    for (const SealedBlock& block : file.footer.blocks) {
      if (!overlaps(around, block.first_ns, block.last_ns)) continue;
      if (auto in_time = check_deadline(clock, end); !in_time) return std::unexpected(std::move(in_time).error());
      auto looked = find_in(query, file, block, decision_id, found);
      if (!looked) return std::unexpected(std::move(looked).error());
    }
  }
  return found;
}

}  // namespace tollgate::stores
