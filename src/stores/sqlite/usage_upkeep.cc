#include "stores/sqlite/usage_upkeep.h"

#include <algorithm>
#include <utility>

#include "core/usage/chunk_fold.h"
#include "stores/sqlite/transaction.h"

namespace tollgate::stores {

using core::ChunkFold;
using core::ChunkMerge;

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

constexpr std::size_t kTransactionBytes = 4u << 20;
constexpr std::uint64_t kSmallChunks = 8;
// Five minutes more, so that a query for exactly the retention finds its first bucket.
constexpr std::int64_t kKeptBeyond = 300;

std::int64_t second_of(WallTime time) {
  return std::chrono::floor<Seconds>(time).time_since_epoch().count();
}

std::int64_t oldest_kept(std::size_t level, std::int64_t now) {
  return now - kUsageLevels[level].kept.count() - kKeptBeyond;
}

// Chunks one after the other whose keys ascend: in order as if they were one.
std::vector<std::vector<StoredChunk>> in_runs(std::vector<StoredChunk> chunks) {
  std::ranges::sort(chunks, {}, [](const StoredChunk& chunk) { return std::pair(chunk.info.key_min, chunk.id); });
  std::vector<std::vector<StoredChunk>> runs;
  for (const StoredChunk& chunk : chunks) {
    const auto run = std::ranges::find_if(
        runs, [&](const auto& candidate) { return candidate.back().info.key_max < chunk.info.key_min; });
    if (run != runs.end()) {
      run->push_back(chunk);
    } else {
      runs.push_back({chunk});
    }
  }
  return runs;
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

Result<std::unique_ptr<UsageUpkeep>> UsageUpkeep::open(const std::string& path, std::mutex& writing,
                                                       UsageWriter& writer, DamagedChunks& damaged) {
  TG_TRY(auto database, Database::open(path, {.reader = true}));
  TG_TRY(auto source, ChunkSource::open(database));
  return std::unique_ptr<UsageUpkeep>(
      new UsageUpkeep(std::move(database), std::move(source), writing, writer, damaged));
}

Result<bool> UsageUpkeep::step(WallTime wall_now) {
  const std::scoped_lock lock(mutex_);
  const std::int64_t now = second_of(wall_now);
  TG_TRY(const bool worked, fold_or_merge(now));
  if (worked) return true;
  TG_TRY(const std::uint64_t deleted, delete_retired());
  if (deleted > 0) return true;
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
    auto done = in_transaction([&](ChunkSink& sink) { return sink.set_state(chunk.id, ChunkState::damaged); });
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
    while (reader && reader->next<core::RowParts::all>(row)) {
    }
    sound = reader && !reader->damaged();
  }));
  return !found || !sound;
}

Result<std::uint64_t> UsageUpkeep::delete_retired() {
  std::uint64_t deleted = 0;
  auto done = in_transaction([&](ChunkSink& sink) -> Result<void> {
    TG_TRY(deleted, sink.delete_retired());
    return {};
  });
  if (!done) return std::unexpected(std::move(done).error());
  return deleted;
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

  Job job{.level = level, .inputs = std::move(chunks), .targets = {}, .rewrites = false, .folds = true};
  // Seconds come in many small chunks or in large ones that may stay.
  const bool small = rows_of(job.inputs) < kSmallChunkRows * job.inputs.size();
  job.rewrites = job.inputs.size() > 1 && (level != kSecondLevel || small);
  if (level + 1 == kEverLevel) {
    TG_TRY(job.targets, source_.find({.level = kEverLevel}));
  }
  if (auto done = run(job, now); !done) return std::unexpected(std::move(done).error());
  if (all) folded_[level] = span;
  if (level + 1 < kEverLevel) look_[level + 1] = true;
  return true;
}

Result<bool> UsageUpkeep::merge_small(std::size_t level, std::int64_t now) {
  TG_TRY(const ChunkSource::SmallChunks small, source_.find_small(level));
  if (small.count < kSmallChunks) return false;
  const std::int64_t window = kUsageLevels[level].shape.window.count();
  TG_TRY(auto chunks,
         source_.find(
             {.level = level, .also_folded = true, .from = small.window * window, .to = (small.window + 1) * window}));
  std::erase_if(chunks, [](const StoredChunk& chunk) { return !chunk.folded || chunk.info.rows >= kSmallChunkRows; });
  shorten(chunks, level);
  const Job job{.level = level, .inputs = std::move(chunks), .targets = {}, .rewrites = true, .folds = false};
  if (auto done = run(job, now); !done) return std::unexpected(std::move(done).error());
  return true;
}

Result<std::uint64_t> UsageUpkeep::retire_expired(std::int64_t now) {
  std::uint64_t rows = 0;
  for (std::size_t level = 0; level < kEverLevel; ++level) {
    while (true) {
      TG_TRY(const auto chunks, source_.find_expired(level, oldest_kept(level, now)));
      if (chunks.empty()) break;
      rows += rows_of(chunks);
      auto done = in_transaction([&](ChunkSink& sink) -> Result<void> {
        for (const StoredChunk& chunk : chunks) {
          if (auto set = sink.set_state(chunk.id, ChunkState::retired); !set) return set;
        }
        return {};
      });
      if (!done) return std::unexpected(std::move(done).error());
    }
  }
  return rows;
}

Result<void> UsageUpkeep::run(const Job& job, std::int64_t now) {
  Outputs outputs;
  auto done = merge(job, now, outputs);
  if (done) done = put_in_force(job, outputs);
  if (done || outputs.written.empty()) return done;
  // If this fails as well, the next start does it.
  [[maybe_unused]] const auto retired = in_transaction([](ChunkSink& sink) { return sink.retire_unfinished(); });
  return done;
}

Result<void> UsageUpkeep::merge(const Job& job, std::int64_t now, Outputs& outputs) {
  const auto put_at = [&](std::size_t level, bool folded) {
    const ChunkSink::Place place{.level = level, .state = ChunkState::in_force, .folded = folded};
    return [this, &outputs, place](core::Chunk chunk) { return put(outputs, {place, std::move(chunk)}); };
  };
  ChunkFold same(kUsageLevels[job.level].shape, put_at(job.level, true));
  ChunkFold next(kUsageLevels[job.level + 1].shape, put_at(job.level + 1, false));
  const std::int64_t oldest = oldest_kept(job.level, now);
  ChunkMerge rows(runs_of(job));
  while (true) {
    TG_TRY(const auto item, rows.next());
    if (!item) break;
    if (job.rewrites && !item->is_target && item->row->key.bucket() >= oldest) {
      if (auto added = same.add(*item->row); !added) return added;
    }
    if (!job.folds) continue;
    if (auto added = next.add(*item->row); !added) return added;
  }
  auto done = same.finish();
  if (done) done = next.finish();
  return done;
}

std::vector<ChunkMerge::Run> UsageUpkeep::runs_of(const Job& job) {
  std::vector<ChunkMerge::Run> runs;
  for (auto& chunks : in_runs(job.inputs)) runs.push_back(run_of(std::move(chunks), false));
  for (auto& chunks : in_runs(job.targets)) runs.push_back(run_of(std::move(chunks), true));
  return runs;
}

ChunkMerge::Run UsageUpkeep::run_of(std::vector<StoredChunk> chunks, bool is_target) {
  struct State {
    std::vector<StoredChunk> chunks;
    std::size_t next = 0;
  };
  auto state = std::make_shared<State>(State{std::move(chunks), 0});
  const auto damage = [this, state] { return damaged_.note(state->chunks[state->next - 1]); };
  const auto next = [this, state, damage]() -> Result<std::optional<std::string>> {
    if (state->next == state->chunks.size()) return std::nullopt;
    std::string bytes;
    TG_TRY(const bool found,
           source_.read(state->chunks[state->next++].id, [&](std::string_view data) { bytes = data; }));
    if (!found) return std::unexpected(damage());
    return bytes;
  };
  return {.next = next, .damage = damage, .is_target = is_target};
}

Result<void> UsageUpkeep::put(Outputs& outputs, Output output) {
  outputs.waiting_bytes += output.chunk.bytes.size();
  outputs.waiting.push_back(std::move(output));
  return outputs.waiting_bytes < kTransactionBytes ? Result<void>() : write_waiting(outputs);
}

// What is too much for one transaction is written before, where no question sees it.
Result<void> UsageUpkeep::write_waiting(Outputs& outputs) {
  auto done = in_transaction([&](ChunkSink& sink) -> Result<void> {
    for (Output& output : outputs.waiting) {
      output.place.state = ChunkState::being_written;
      TG_TRY(const std::int64_t id, sink.put(output.place, output.chunk));
      outputs.written.push_back(id);
    }
    return {};
  });
  outputs.waiting.clear();
  outputs.waiting_bytes = 0;
  return done;
}

Result<void> UsageUpkeep::put_in_force(const Job& job, Outputs& outputs) {
  return in_transaction([&](ChunkSink& sink) -> Result<void> {
    for (const Output& output : outputs.waiting) {
      auto put = sink.put(output.place, output.chunk);
      if (!put) return std::unexpected(std::move(put).error());
    }
    for (const std::int64_t id : outputs.written) {
      if (auto set = sink.set_state(id, ChunkState::in_force); !set) return set;
    }
    for (const StoredChunk& chunk : job.inputs) {
      auto set = job.rewrites ? sink.set_state(chunk.id, ChunkState::retired) : sink.mark_folded(chunk.id);
      if (!set) return set;
    }
    for (const StoredChunk& chunk : job.targets) {
      if (auto set = sink.set_state(chunk.id, ChunkState::retired); !set) return set;
    }
    return {};
  });
}

Result<void> UsageUpkeep::in_transaction(const std::function<Result<void>(ChunkSink&)>& change) {
  const std::scoped_lock lock(writing_);
  TG_TRY(auto transaction, Transaction::begin(writer_.database()));
  if (auto done = change(writer_.chunks()); !done) return done;
  return transaction.commit();
}

}  // namespace tollgate::stores
