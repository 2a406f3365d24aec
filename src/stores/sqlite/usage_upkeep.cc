#include "stores/sqlite/usage_upkeep.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "stores/sqlite/transaction.h"

namespace tollgate::stores {
namespace {

// When a level is folded: each `span`, a little after its end so that most of its rows are there; or before, when
// `rows` have come together, since every question reads what is not folded.
struct FoldSchedule {
  Seconds span;
  Seconds grace;
  std::uint64_t rows;
};
constexpr std::array<FoldSchedule, kEverLevel> kSchedule{{
    {.span = Seconds(60), .grace = Seconds(5), .rows = 512 * 1024},
    {.span = Seconds(3600), .grace = Seconds(120), .rows = 4 * 1024 * 1024},
    {.span = Seconds(86'400), .grace = Seconds(600), .rows = 4 * 1024 * 1024},
    {.span = Seconds(86'400), .grace = Seconds(900), .rows = 4 * 1024 * 1024},
}};

// Bounds of one job: the memory it takes, and how long it keeps a shutdown waiting.
constexpr std::uint64_t kJobRowsMax = 8 * 1024 * 1024;
constexpr std::uint64_t kJobRowsMaxOfSeconds = 1024 * 1024;  // each of whose chunks is in memory at once
constexpr std::size_t kJobChunksMaxOfSeconds = 2048;
constexpr std::size_t kJobRunsMax = 256;

constexpr std::uint64_t kSmallChunks = 8;

std::int64_t second_of(WallTime time) {
  return std::chrono::floor<Seconds>(time).time_since_epoch().count();
}

std::uint64_t rows_of(const std::vector<StoredChunk>& chunks) {
  std::uint64_t rows = 0;
  for (const StoredChunk& chunk : chunks) rows += chunk.info.rows;
  return rows;
}

// As many from the front as one job takes.
void shorten(std::vector<StoredChunk>& chunks, std::size_t level) {
  const std::uint64_t rows_max = level == kSecondLevel ? kJobRowsMaxOfSeconds : kJobRowsMax;
  std::uint64_t rows = 0;
  std::size_t count = 0;
  while (count < chunks.size() && (count == 0 || rows + chunks[count].info.rows <= rows_max)) {
    rows += chunks[count++].info.rows;
  }
  chunks.resize(count);
  if (level == kSecondLevel) {
    chunks.resize(std::min(count, kJobChunksMaxOfSeconds));
    return;
  }
  while (chunks.size() > kJobRunsMax && in_runs(chunks).size() > kJobRunsMax) chunks.resize(chunks.size() / 2);
}

}  // namespace

Result<std::unique_ptr<UsageUpkeep>> UsageUpkeep::open(const std::string& path, SharedWriter writer,
                                                       DamagedChunks& damaged, const UsageOptions& options) {
  TG_TRY(auto database, Database::open(path, {.reader = true}));
  TG_TRY(auto source, ChunkSource::open(database));
  std::unique_ptr<UsageUpkeep> upkeep(
      new UsageUpkeep(std::move(database), std::move(source), writer, damaged, options));
  if (auto measured = upkeep->space_.measure(); !measured) return std::unexpected(std::move(measured).error());
  return upkeep;
}

Result<bool> UsageUpkeep::step(WallTime wall_now) {
  const std::scoped_lock lock(mutex_);
  const std::int64_t now = second_of(wall_now);
  TG_TRY(const bool worked, fold_or_merge(now));
  if (worked) return true;
  TG_TRY(const std::uint64_t deleted, delete_retired());
  if (deleted > 0) return true;
  TG_TRY(const bool forgot, forget_posts(wall_now));
  if (forgot) return true;
  if (auto measured = space_.measure(); !measured) return std::unexpected(std::move(measured).error());
  TG_TRY(const bool retired, make_room());
  if (retired) return true;
  TG_TRY(const bool shrunk, space_.shrink());
  if (shrunk) return true;
  if (std::exchange(expiry_minute_, now / 60) == now / 60) return false;
  TG_TRY(const std::uint64_t rows, retire_expired(now));
  return rows > 0;
}

Result<std::uint64_t> UsageUpkeep::expire(WallTime wall_now) {
  const std::scoped_lock lock(mutex_);
  const std::int64_t now = second_of(wall_now);
  while (true) {
    TG_TRY(const bool worked, fold_or_merge(now));
    if (!worked) break;
  }
  TG_TRY(const std::uint64_t rows, retire_expired(now));
  while (true) {
    TG_TRY(const std::uint64_t deleted, delete_retired());
    if (deleted == 0) return rows;
  }
}

Result<bool> UsageUpkeep::fold_or_merge(std::int64_t now) {
  if (auto done = set_damaged_aside(); !done) return std::unexpected(std::move(done).error());
  if (std::exchange(look_minute_, now / 60) != now / 60) look_.fill(true);
  for (std::size_t level = 0; level < kEverLevel; ++level) {
    if (!look_[level] && level != kSecondLevel) continue;
    TG_TRY(const bool folded, fold_due(level, now));
    if (folded) return true;
    if (!look_[level]) continue;
    TG_TRY(const bool merged, merge_small(level, now));
    if (merged) return true;
    look_[level] = false;
  }
  return false;
}

Result<void> UsageUpkeep::set_damaged_aside() {
  for (const StoredChunk& chunk : damaged_.take()) {
    TG_TRY(const bool damaged, is_damaged(chunk));
    if (!damaged) continue;
    auto done = writer_.change([&](ChunkSink& sink) { return sink.set_state(chunk.id, ChunkState::damaged); });
    if (!done) return done;
    Error error = DamagedChunks::error_of(chunk);
    return std::unexpected(
        std::move(error).while_doing("a chunk of roll-ups was set aside, and its rows are missing from now on"));
  }
  return {};
}

// Whoever noted it may have been wrong, or it may have been replaced meanwhile.
Result<bool> UsageUpkeep::is_damaged(const StoredChunk& chunk) {
  TG_TRY(const auto in_force, source_.find({.level = chunk.level, .also_folded = true}));
  if (std::ranges::find(in_force, chunk.id, &StoredChunk::id) == in_force.end()) return false;
  bool sound = false;
  TG_TRY(const bool found, source_.read(chunk.id, [&](std::string_view bytes) {
    auto reader = core::ChunkReader::open(bytes);
    core::RollupRow row;
    while (reader && reader->next(row)) {
    }
    sound = reader && !reader->damaged();
  }));
  return !found || !sound;
}

Result<std::uint64_t> UsageUpkeep::delete_retired() {
  std::uint64_t deleted = 0;
  auto done = writer_.change([&](ChunkSink& sink) -> Result<void> {
    TG_TRY(deleted, sink.delete_retired());
    return {};
  });
  if (!done) return std::unexpected(std::move(done).error());
  return deleted;
}

Result<bool> UsageUpkeep::forget_posts(WallTime now) {
  const std::scoped_lock held(writer_.lock);
  TG_TRY(auto transaction, Transaction::begin(writer_.writer.database()));
  TG_TRY(const std::uint64_t forgotten, writer_.writer.posts().forget(now));
  if (auto done = transaction.commit(); !done) return std::unexpected(std::move(done).error());
  return forgotten > 0;
}

Result<bool> UsageUpkeep::fold_due(std::size_t level, std::int64_t now) {
  const FoldSchedule& schedule = kSchedule[level];
  const std::int64_t span = (now - schedule.grace.count()) / schedule.span.count();
  TG_TRY(std::vector<StoredChunk> chunks, source_.find({.level = level}));
  const bool early =
      rows_of(chunks) >= schedule.rows || (level == kSecondLevel && chunks.size() >= kJobChunksMaxOfSeconds);
  if (!early) {
    if (folded_[level] == span) return false;
    const std::int64_t end = span * schedule.span.count();
    std::erase_if(chunks, [&](const StoredChunk& chunk) { return chunk.info.bucket_max >= end; });
  }
  const std::size_t wanted = chunks.size();
  shorten(chunks, level);
  const bool all = !early && chunks.size() == wanted;
  if (chunks.empty()) {
    if (all) folded_[level] = span;
    return false;
  }

  if (auto done = fold(level, std::move(chunks), now); !done) return std::unexpected(std::move(done).error());
  if (all) folded_[level] = span;
  if (level + 1 < kEverLevel) look_[level + 1] = true;
  return true;
}

// Chunks that are folded together become fewer ones. Of seconds, which come in many small chunks or in large ones, the
// large ones stay.
Result<void> UsageUpkeep::fold(std::size_t level, std::vector<StoredChunk> chunks, std::int64_t now) {
  UsageJob job{.level = level,
               .rewritten = std::move(chunks),
               .staying = {},
               .folds = true,
               .targets = {},
               .oldest = oldest_kept(kept_, level, now)};
  if (level == kSecondLevel) {
    const auto large = std::ranges::partition(
        job.rewritten, [](const StoredChunk& chunk) { return chunk.info.rows < kSmallChunkRows; });
    job.staying.assign(large.begin(), large.end());
    job.rewritten.erase(large.begin(), large.end());
  }
  if (job.rewritten.size() == 1) job.staying.push_back(std::exchange(job.rewritten, {}).front());
  if (level + 1 == kEverLevel) {
    TG_TRY(job.targets, source_.find({.level = kEverLevel}));
  }
  return jobs_.run(job);
}

Result<bool> UsageUpkeep::merge_small(std::size_t level, std::int64_t now) {
  TG_TRY(const ChunkSource::SmallChunks small, source_.find_small(level));
  if (small.count < kSmallChunks) return false;
  const std::int64_t window = kUsageLevels[level].window.count();
  TG_TRY(auto chunks,
         source_.find(
             {.level = level, .also_folded = true, .from = small.window * window, .to = (small.window + 1) * window}));
  TG_TRY(chunks, small_among(chunks));
  shorten(chunks, level);
  const UsageJob job{.level = level,
                     .rewritten = std::move(chunks),
                     .staying = {},
                     .folds = false,
                     .targets = {},
                     .oldest = oldest_kept(kept_, level, now)};
  if (auto done = jobs_.run(job); !done) return std::unexpected(std::move(done).error());
  // Merging that gains nothing would go on for ever, before anything that is retired is deleted.
  TG_TRY(const ChunkSource::SmallChunks left, source_.find_small(level));
  return left != small;
}

Result<std::vector<StoredChunk>> UsageUpkeep::small_among(std::span<const StoredChunk> chunks) {
  std::vector<StoredChunk> small;
  for (const StoredChunk& chunk : chunks) {
    if (!chunk.folded || chunk.info.rows >= kSmallChunkRows) continue;
    TG_TRY(const std::uint64_t bytes, source_.bytes_of(chunk.id));
    if (bytes < kSmallChunkBytes) small.push_back(chunk);
  }
  return small;
}

Result<std::uint64_t> UsageUpkeep::retire_expired(std::int64_t now) {
  std::uint64_t rows = 0;
  for (std::size_t level = 0; level < kEverLevel; ++level) {
    while (true) {
      TG_TRY(const auto chunks, source_.find_expired(level, oldest_kept(kept_, level, now)));
      if (chunks.empty()) break;
      TG_TRY(const std::uint64_t retired, retire(level, chunks));
      rows += retired;
    }
  }
  return rows;
}

// Chunks whose rows are no more asked for: in order of their last bucket. Returns their rows.
Result<std::uint64_t> UsageUpkeep::retire(std::size_t level, std::span<const StoredChunk> oldest) {
  std::uint64_t rows = 0;
  auto done = writer_.change([&](ChunkSink& sink) -> Result<void> {
    for (const StoredChunk& chunk : oldest) {
      rows += chunk.info.rows;
      if (auto set = sink.set_state(chunk.id, ChunkState::retired); !set) return set;
    }
    return sink.raise_floor(level, oldest.back().info.bucket_max + kUsageLevels[level].unit.count());
  });
  if (!done) return std::unexpected(std::move(done).error());
  return rows;
}

// The finest rows that can be spared, of those the oldest: what is folded is part of coarser ones.
Result<bool> UsageUpkeep::make_room() {
  const std::uint64_t excess = space_.excess();
  if (excess == 0) return false;
  constexpr std::int64_t kAnyTime = std::numeric_limits<std::int64_t>::max();
  for (std::size_t level = 0; level < kEverLevel; ++level) {
    TG_TRY(const auto chunks, source_.find_expired(level, kAnyTime));
    if (chunks.empty()) continue;
    std::uint64_t bytes = 0;
    std::size_t count = 0;
    while (count < chunks.size() && bytes < excess) {
      TG_TRY(const std::uint64_t more, source_.bytes_of(chunks[count++].id));
      bytes += more;
    }
    TG_TRY([[maybe_unused]] const auto rows, retire(level, std::span(chunks).first(count)));
    return true;
  }
  return false;
}

}  // namespace tollgate::stores
