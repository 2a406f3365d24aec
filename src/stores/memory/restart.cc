// What MemoryLimitStore writes for its successor and finds of its predecessor. docs/adr/0003 has the reasons.
#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/random.h"
#include "base/str.h"
#include "stores/memory/memory_limit_store.h"
#include "stores/memory/snapshot_file.h"

namespace tollgate::stores {
namespace {

struct Predecessor {
  std::optional<DrainMap> drains;
  std::optional<SnapshotFile> snapshot;
  RestoreReport report;

  void note(const Error& error) { str::append(report.problem, report.problem.empty() ? "" : "; ", error.to_string()); }
};

// A file that is not there is no problem; one that cannot be read is.
template <class File>
std::optional<File> open_if_there(Predecessor& found, const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::nullopt;
  found.report.first_start = false;
  auto opened = File::open(path);
  if (opened) return std::optional<File>(std::move(*opened));
  found.note(opened.error());
  return std::nullopt;
}

Predecessor find_predecessor(const std::string& drain_path, const std::string& snapshot_path) {
  Predecessor found;
  found.drains = open_if_there<DrainMap>(found, drain_path);
  found.snapshot = open_if_there<SnapshotFile>(found, snapshot_path);
  if (found.drains && found.snapshot && found.drains->header().pair != found.snapshot->header().pair) {
    found.note(Error(codes::store_corrupt, snapshot_path + " belongs to another drain map and is not used"));
    found.snapshot.reset();
  }
  found.report.clean = found.drains && found.drains->header().clean && found.snapshot;
  if (!found.drains && !found.report.first_start) {
    found.note(Error(codes::store_corrupt, "without a drain map every bucket starts empty"));
  }
  return found;
}

}  // namespace

Result<std::unique_ptr<MemoryLimitStore>> MemoryLimitStore::open(const Clock& clock, MemoryLimitOptions options) {
  Predecessor found;
  const std::string& directory = options.directory;
  if (!directory.empty()) found = find_predecessor(drain_path(directory), snapshot_path(directory));
  std::vector<ClockStamp> stamps;
  if (found.drains) stamps.push_back(found.drains->header().stamp);
  if (found.snapshot) stamps.push_back(found.snapshot->header().stamp);
  const core::LimiterTime start = resume(stamps, options.host());

  std::unique_ptr<MemoryLimitStore> store(new MemoryLimitStore(clock, std::move(options), start));
  store->report_ = std::move(found.report);
  store->pair_ = found.drains     ? found.drains->header().pair
                 : found.snapshot ? found.snapshot->header().pair
                                  : random_u64();
  if (store->options_.directory.empty()) return store;
  auto taken_over = store->take_over(std::move(found.drains), found.snapshot ? &*found.snapshot : nullptr);
  if (!taken_over) return std::unexpected(std::move(taken_over).error());
  return store;
}

Result<void> MemoryLimitStore::take_over(std::optional<DrainMap> drains, const SnapshotFile* snapshot) {
  const core::LimiterTime start = clock_.now();
  if (drains) {
    buckets_.assume_all_empty_at(drains->header().empty_at);
  } else {
    if (!report_.first_start) buckets_.assume_all_empty_at(start);
    snapshot = nullptr;  // no bucket in it can be emptier than empty
    TG_TRY(DrainMap created, DrainMap::create(drain_path(options_.directory), options_.drain_cells));
    drains.emplace(std::move(created));
  }
  // From here on a kill is a kill of this process: whatever its predecessor left complete no longer is.
  if (auto written = drains->set_header(header(/*clean=*/false)); !written) return written;
  std::vector<std::uint32_t> cells = drains->copy_cells_after(second_of(start));
  buckets_.record_drains_in(std::move(*drains));
  const bool all_restored = snapshot == nullptr || restore_buckets(*snapshot);
  if (!cells.empty() && !(report_.clean && all_restored)) {
    buckets_.assume_at_least(std::make_unique<const Recovered>(std::move(cells), start), start);
  }
  return {};
}

// False: there was no room for some of them, and their keys must not come back fresh.
bool MemoryLimitStore::restore_buckets(const SnapshotFile& snapshot) {
  const RcuReadGuard guard;
  const std::uint32_t second = second_of(clock_.now());
  bool all = true;
  for (std::size_t i = 0; i < snapshot.size(); ++i) {
    const StoredBucket bucket = snapshot.bucket(i);
    if (!words::is_tat(bucket.tat)) continue;
    const std::uint32_t drained_until = report_.clean ? 0 : buckets_.drains()->full_again(bucket.key);
    const std::uint32_t at_least_until = drained_until > second ? drained_until : 0;
    if (snapshot.kind(i) == StoredKind::overflow) {
      all = buckets_.restore_overflow(bucket, at_least_until) && all;
    } else if (std::max(bucket.keep_until, at_least_until) > second) {
      all = buckets_.restore(bucket, at_least_until) && all;
      ++report_.buckets;
    }
  }
  return all;
}

Result<void> MemoryLimitStore::snapshot() {
  if (options_.directory.empty()) return {};
  TG_TRY(SnapshotWriter writer,
         SnapshotWriter::create(snapshot_path(options_.directory), {.pair = pair_, .stamp = stamp()}));
  for (std::size_t shard = 0; shard < BucketTable::kShards; ++shard) {
    for (const StoredBucket& bucket : buckets_.table().copy_shard(shard, clock_.now())) {
      if (auto added = writer.add(bucket, StoredKind::bucket); !added) return added;
    }
  }
  for (const StoredBucket& bucket : buckets_.overflow().copy()) {
    if (auto added = writer.add(bucket, StoredKind::overflow); !added) return added;
  }
  return writer.finish();
}

Result<void> MemoryLimitStore::close() {
  if (options_.directory.empty()) return {};
  if (auto written = snapshot(); !written) return written;
  // While buckets that nobody has asked for since a kill are guessed from the drain map, the snapshot is not all there
  // is.
  return buckets_.drains()->set_header(header(/*clean=*/!buckets_.recovering()));
}

DrainHeader MemoryLimitStore::header(bool clean) const {
  return {.pair = pair_, .stamp = stamp(), .empty_at = buckets_.empty_at(), .clean = clean};
}

}  // namespace tollgate::stores
