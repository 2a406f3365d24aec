#include "stores/sqlite/usage_job.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/usage/chunk_fold.h"
#include "stores/sqlite/transaction.h"

namespace tollgate::stores {

using core::ChunkFold;
using core::ChunkMerge;

namespace {

constexpr std::size_t kTransactionBytes = 4u << 20;

}  // namespace

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

Result<void> SharedWriter::change(const std::function<Result<void>(ChunkSink&)>& change) const {
  const std::scoped_lock held(lock);
  TG_TRY(auto transaction, Transaction::begin(writer.database()));
  if (auto done = change(writer.chunks()); !done) return done;
  return transaction.commit();
}

Result<void> UsageJobs::run(const UsageJob& job) {
  Outputs outputs;
  auto done = merge(job, outputs);
  if (done) done = put_in_force(job, outputs);
  if (done || outputs.written.empty()) return done;
  // If this fails as well, the next start does it.
  [[maybe_unused]] const auto retired = writer_.change([](ChunkSink& sink) { return sink.retire_unfinished(); });
  return done;
}

Result<void> UsageJobs::merge(const UsageJob& job, Outputs& outputs) {
  const auto put_at = [&](std::size_t level, bool folded) {
    const ChunkSink::Place place{.level = level, .state = ChunkState::in_force, .folded = folded};
    return [this, &outputs, place](core::Chunk chunk) { return put(outputs, {place, std::move(chunk)}); };
  };
  ChunkFold same(kUsageLevels[job.level], put_at(job.level, true));
  ChunkFold next(kUsageLevels[job.level + 1], put_at(job.level + 1, false));
  std::vector<ChunkMerge::Run> runs;
  for (auto& chunks : in_runs(job.rewritten)) runs.push_back(run_of(std::move(chunks), Role::rewritten));
  for (auto& chunks : in_runs(job.staying)) runs.push_back(run_of(std::move(chunks), Role::staying));
  for (auto& chunks : in_runs(job.targets)) runs.push_back(run_of(std::move(chunks), Role::target));
  ChunkMerge rows(std::move(runs));
  while (true) {
    TG_TRY(const auto item, rows.next());
    if (!item) break;
    const std::int64_t bucket = item->row->key.bucket();
    if (item->tag == static_cast<int>(Role::rewritten)) {
      if (bucket < job.oldest) {
        outputs.left_out_end = std::max(outputs.left_out_end, bucket + kUsageLevels[job.level].unit.count());
      } else if (auto added = same.add(*item->row); !added) {
        return added;
      }
    }
    if (!job.folds) continue;
    if (auto added = next.add(*item->row); !added) return added;
  }
  auto done = same.finish();
  if (done) done = next.finish();
  return done;
}

ChunkMerge::Run UsageJobs::run_of(std::vector<StoredChunk> chunks, Role role) {
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
  return {.next = next, .damage = damage, .tag = static_cast<int>(role)};
}

Result<void> UsageJobs::put(Outputs& outputs, Output output) {
  outputs.waiting_bytes += output.chunk.bytes.size();
  outputs.waiting.push_back(std::move(output));
  return outputs.waiting_bytes < kTransactionBytes ? Result<void>() : write_waiting(outputs);
}

Result<void> UsageJobs::write_waiting(Outputs& outputs) {
  auto done = writer_.change([&](ChunkSink& sink) -> Result<void> {
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

Result<void> UsageJobs::put_in_force(const UsageJob& job, Outputs& outputs) {
  return writer_.change([&](ChunkSink& sink) -> Result<void> {
    for (const Output& output : outputs.waiting) {
      auto put = sink.put(output.place, output.chunk);
      if (!put) return std::unexpected(std::move(put).error());
    }
    for (const std::int64_t id : outputs.written) {
      if (auto set = sink.set_state(id, ChunkState::in_force); !set) return set;
    }
    for (const auto* replaced : {&job.rewritten, &job.targets}) {
      for (const StoredChunk& chunk : *replaced) {
        if (auto set = sink.set_state(chunk.id, ChunkState::retired); !set) return set;
      }
    }
    for (const StoredChunk& chunk : job.staying) {
      if (auto set = sink.mark_folded(chunk.id); !set) return set;
    }
    return sink.raise_floor(job.level, outputs.left_out_end);
  });
}

}  // namespace tollgate::stores
