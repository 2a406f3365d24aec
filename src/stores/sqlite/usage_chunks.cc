#include "stores/sqlite/usage_chunks.h"

#include <algorithm>
#include <utility>

#include "base/str.h"
#include "stores/sqlite/usage_levels.h"

namespace tollgate::stores {
namespace {

constexpr std::string_view kFind = R"(
  SELECT id, folded, bucket_min, bucket_max, key_min, key_max, rows FROM chunk
  WHERE state = 1 AND level = ?1 AND folded IN (0, ?2) AND bucket_max >= ?3 AND bucket_min < ?4
    AND key_max >= ?5 AND key_min <= ?6
  ORDER BY id)";

static_assert(core::kEveryone == 839'299'365'868'340'225);
constexpr std::string_view kFindEveryone = R"(
  SELECT id, folded, bucket_min, bucket_max, key_min, key_max, rows FROM chunk
  WHERE state = 1 AND key_max = 839299365868340225 AND level = ?1 AND folded IN (0, ?2) AND bucket_max >= ?3
    AND bucket_min < ?4
  ORDER BY id)";

constexpr std::string_view kFindExpired = R"(
  SELECT id, folded, bucket_min, bucket_max, key_min, key_max, rows FROM chunk
  WHERE state = 1 AND level = ?1 AND folded = 1 AND bucket_max < ?2 ORDER BY bucket_max LIMIT 1024)";

constexpr std::string_view kFindSmall = R"(
  SELECT bucket_min / ?2 AS span, count(*) AS chunks FROM chunk JOIN chunk_data USING (id)
  WHERE state = 1 AND level = ?1 AND folded = 1 AND rows < ?3 AND length(data) < ?4
  GROUP BY span ORDER BY chunks DESC LIMIT 1)";

constexpr std::string_view kPut = R"(
  INSERT INTO chunk (level, state, folded, bucket_min, bucket_max, key_min, key_max, rows)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id)";

// Few enough that nobody waits long for the connection: at most 16 MiB.
constexpr std::int64_t kDeletedAtOnce = 32;

}  // namespace

Result<ChunkSource> ChunkSource::open(Database& database) {
  TG_TRY(auto find, database.prepare(kFind));
  TG_TRY(auto find_everyone, database.prepare(kFindEveryone));
  TG_TRY(auto find_expired, database.prepare(kFindExpired));
  TG_TRY(auto find_small, database.prepare(kFindSmall));
  TG_TRY(auto floors, database.prepare("SELECT level, oldest FROM level_floor"));
  TG_TRY(auto length, database.prepare("SELECT length(data) FROM chunk_data WHERE id = ?1"));
  TG_TRY(auto data, database.prepare("SELECT data FROM chunk_data WHERE id = ?1"));
  return ChunkSource({.find = std::move(find),
                      .find_everyone = std::move(find_everyone),
                      .find_expired = std::move(find_expired),
                      .find_small = std::move(find_small),
                      .floors = std::move(floors),
                      .length = std::move(length),
                      .data = std::move(data)});
}

Result<std::vector<StoredChunk>> ChunkSource::find(const ChunkQuery& query) {
  if (query.key_min == core::kEveryone) {
    statements_.find_everyone.bind(query.level, query.also_folded, query.from, query.to);
    return list(statements_.find_everyone, query.level);
  }
  statements_.find.bind(query.level, query.also_folded, query.from, query.to, query.key_min, query.key_max);
  return list(statements_.find, query.level);
}

Result<std::vector<StoredChunk>> ChunkSource::find_expired(std::size_t level, std::int64_t end) {
  return list(statements_.find_expired.bind(level, end), level);
}

Result<std::vector<StoredChunk>> ChunkSource::list(Statement& bound, std::size_t level) {
  std::vector<StoredChunk> found;
  auto done = bound.each([&](const Statement& row) {
    found.push_back({.id = row.integer(0),
                     .level = level,
                     .folded = row.integer(1) != 0,
                     .info = {.bucket_min = row.integer(2),
                              .bucket_max = row.integer(3),
                              .key_min = row.unsigned_integer(4),
                              .key_max = row.unsigned_integer(5),
                              .rows = row.unsigned_integer(6)}});
  });
  if (!done) return std::unexpected(std::move(done).error());
  return found;
}

Result<ChunkSource::SmallChunks> ChunkSource::find_small(std::size_t level) {
  SmallChunks small;
  statements_.find_small.bind(level, kUsageLevels[level].window.count(), kSmallChunkRows, kSmallChunkBytes);
  auto done = statements_.find_small.each(
      [&](const Statement& row) { small = {.window = row.integer(0), .count = row.unsigned_integer(1)}; });
  if (!done) return std::unexpected(std::move(done).error());
  return small;
}

Result<UsageFloors> ChunkSource::floors() {
  UsageFloors floors{};
  auto done = statements_.floors.each([&](const Statement& row) {
    const std::uint64_t level = row.unsigned_integer(0);
    if (level < floors.size()) floors[level] = row.integer(1);
  });
  if (!done) return std::unexpected(std::move(done).error());
  return floors;
}

Result<std::uint64_t> ChunkSource::bytes_of(std::int64_t id) {
  std::uint64_t bytes = 0;
  auto done = statements_.length.bind(id).each([&](const Statement& row) { bytes = row.unsigned_integer(0); });
  if (!done) return std::unexpected(std::move(done).error());
  return bytes;
}

Result<ChunkSink> ChunkSink::open(Database& database) {
  TG_TRY(auto put, database.prepare(kPut));
  TG_TRY(auto put_data, database.prepare("INSERT INTO chunk_data VALUES (?1, ?2)"));
  TG_TRY(auto set_state, database.prepare("UPDATE chunk SET state = ?2 WHERE id = ?1"));
  TG_TRY(auto mark_folded, database.prepare("UPDATE chunk SET folded = 1 WHERE id = ?1"));
  TG_TRY(auto raise_floor, database.prepare("UPDATE level_floor SET oldest = max(oldest, ?2) WHERE level = ?1"));
  TG_TRY(auto find_retired, database.prepare("SELECT id FROM chunk WHERE state <> 1 AND state = 2 LIMIT ?1"));
  TG_TRY(auto remove, database.prepare("DELETE FROM chunk WHERE id = ?1"));
  TG_TRY(auto remove_data, database.prepare("DELETE FROM chunk_data WHERE id = ?1"));
  TG_TRY(auto retire_unfinished, database.prepare("UPDATE chunk SET state = 2 WHERE state <> 1 AND state = 0"));
  return ChunkSink({.put = std::move(put),
                    .put_data = std::move(put_data),
                    .set_state = std::move(set_state),
                    .mark_folded = std::move(mark_folded),
                    .raise_floor = std::move(raise_floor),
                    .find_retired = std::move(find_retired),
                    .remove = std::move(remove),
                    .remove_data = std::move(remove_data),
                    .retire_unfinished = std::move(retire_unfinished)});
}

Result<std::int64_t> ChunkSink::put(const Place& place, const core::Chunk& chunk) {
  const core::ChunkInfo& info = chunk.info;
  std::int64_t id = 0;
  statements_.put.bind(place.level, static_cast<std::uint8_t>(place.state), place.folded, info.bucket_min,
                       info.bucket_max, info.key_min, info.key_max, info.rows);
  auto done = statements_.put.each([&](const Statement& row) { id = row.integer(0); });
  if (done) done = statements_.put_data.run(id, Blob{chunk.bytes});
  if (!done) return std::unexpected(std::move(done).error());
  return id;
}

Result<void> ChunkSink::set_state(std::int64_t id, ChunkState state) {
  return statements_.set_state.run(id, static_cast<std::uint8_t>(state));
}

Result<void> ChunkSink::mark_folded(std::int64_t id) {
  return statements_.mark_folded.run(id);
}

Result<void> ChunkSink::raise_floor(std::size_t level, std::int64_t oldest) {
  return statements_.raise_floor.run(level, oldest);
}

Result<void> ChunkSink::retire_unfinished() {
  return statements_.retire_unfinished.run();
}

Result<std::uint64_t> ChunkSink::delete_retired() {
  std::vector<std::int64_t> ids;
  auto done =
      statements_.find_retired.bind(kDeletedAtOnce).each([&](const Statement& row) { ids.push_back(row.integer(0)); });
  if (!done) return std::unexpected(std::move(done).error());
  for (const std::int64_t id : ids) {
    done = statements_.remove_data.run(id);
    if (done) done = statements_.remove.run(id);
    if (!done) return std::unexpected(std::move(done).error());
  }
  return ids.size();
}

Error DamagedChunks::note(const StoredChunk& chunk) {
  const std::scoped_lock lock(mutex_);
  if (std::ranges::find(found_, chunk.id, &StoredChunk::id) == found_.end()) found_.push_back(chunk);
  return error_of(chunk);
}

Error DamagedChunks::error_of(const StoredChunk& chunk) {
  return Error(codes::store_corrupt,
               str::cat("usage.db: chunk ", chunk.id, " (", chunk.info.rows, " rows from ",
                        format_rfc3339(WallTime(Seconds(chunk.info.bucket_min))), " to ",
                        format_rfc3339(WallTime(Seconds(chunk.info.bucket_max))), ") is damaged"));
}

std::vector<StoredChunk> DamagedChunks::take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(found_, {});
}

}  // namespace tollgate::stores
