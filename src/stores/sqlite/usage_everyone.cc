#include "stores/sqlite/usage_everyone.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "core/usage/chunk_fold.h"
#include "core/usage/everyone_sum.h"
#include "stores/sqlite/transaction.h"
#include "stores/sqlite/usage_levels.h"

namespace tollgate::stores {

namespace {

Result<void> put_rows(const core::EveryoneSum& sum, const ChunkSink::Place& place, ChunkSink& sink) {
  core::ChunkFold fold(kUsageLevels[place.level], [&](const core::Chunk& chunk) -> Result<void> {
    auto put = sink.put(place, chunk);
    if (!put) return std::unexpected(std::move(put).error());
    return {};
  });
  auto done = sum.each([&](const core::RollupRow& row) { return fold.add(row); });
  return done ? fold.finish() : done;
}

// Window by window, which bounds what is in memory.
Result<void> add_to_level(std::size_t level, ChunkSource& source, ChunkSink& sink) {
  const std::int64_t window = std::max<std::int64_t>(kUsageLevels[level].window.count(), 1);
  TG_TRY(const std::vector<StoredChunk> chunks, source.find({.level = level, .also_folded = true}));
  std::map<std::pair<bool, std::int64_t>, std::vector<std::int64_t>> groups;
  for (const StoredChunk& chunk : chunks) {
    groups[{chunk.folded, chunk.info.bucket_min / window}].push_back(chunk.id);
  }
  for (const auto& [group, ids] : groups) {
    core::EveryoneSum sum;
    for (const std::int64_t id : ids) {
      auto read = source.read(id, [&](std::string_view bytes) {
        auto reader = core::ChunkReader::open(bytes);
        core::RollupRow row;
        while (reader && reader->next(row)) sum.add(row);
      });
      if (!read) return std::unexpected(std::move(read).error());
    }
    const ChunkSink::Place place{.level = level, .state = ChunkState::in_force, .folded = group.first};
    if (auto put = put_rows(sum, place, sink); !put) return put;
  }
  return {};
}

}  // namespace

Result<void> add_rows_of_everyone(Database& database, ChunkSink& sink) {
  TG_TRY(auto transaction, Transaction::begin(database));
  TG_TRY(const auto tables, database.query_int("SELECT count(*) FROM sqlite_schema WHERE name = 'without_everyone'"));
  if (tables == 0) return {};
  {
    TG_TRY(auto source, ChunkSource::open(database));
    for (std::size_t level = kSecondLevel; level <= kEverLevel; ++level) {
      if (auto added = add_to_level(level, source, sink); !added) return added;
    }
  }
  if (auto dropped = database.execute("DROP TABLE without_everyone"); !dropped) return dropped;
  return transaction.commit();
}

}  // namespace tollgate::stores
