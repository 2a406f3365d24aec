#include "stores/segments/decision_log.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/assert.h"
#include "base/background.h"
#include "base/str.h"
#include "stores/segments/recovery.h"

namespace tollgate::stores {
namespace {

constexpr std::string_view kRingPrefix = "ring-";
constexpr std::string_view kRingSuffix = ".tgr";

// Those that exist, and one per worker: after a start with fewer workers the other rings are still to be emptied.
std::set<std::size_t> ring_numbers(const std::string& directory, std::size_t workers) {
  std::set<std::size_t> numbers;
  for (std::size_t worker = 0; worker < workers; ++worker) numbers.insert(worker);
  std::error_code error;
  for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const std::string file = at->path().filename().string();
    std::string_view name = file;
    if (!name.starts_with(kRingPrefix) || !name.ends_with(kRingSuffix)) continue;
    name.remove_prefix(kRingPrefix.size());
    name.remove_suffix(kRingSuffix.size());
    if (const auto number = str::parse_int<std::size_t>(name)) numbers.insert(*number);
  }
  return numbers;
}

}  // namespace

SegmentDecisionLog::SegmentDecisionLog(DecisionLogOptions options, DirectoryLock lock)
    : options_(std::move(options)),
      lock_(std::move(lock)),
      io_(options_.io != nullptr ? *options_.io : system_io()),
      segments_(options_.directory),
      writer_(io_, segments_, book_, names_, options_.writer) {}

Result<std::unique_ptr<SegmentDecisionLog>> SegmentDecisionLog::open(DecisionLogOptions options,
                                                                     ports::UsageIngest& ingest) {
  TG_ASSERT(options.workers > 0);
  if (auto made = ensure_directory(options.directory); !made) return std::unexpected(std::move(made).error());
  TG_TRY(auto lock, DirectoryLock::acquire(options.directory, "decision-log"));
  std::unique_ptr<SegmentDecisionLog> log(new SegmentDecisionLog(std::move(options), std::move(lock)));
  if (auto recovered = log->recover(ingest); !recovered) return std::unexpected(std::move(recovered).error());
  return log;
}

Result<void> SegmentDecisionLog::recover(ports::UsageIngest& ingest) {
  TG_TRY(const RecoveredSegments recovered, recover_segments(io_, segments_, names_));
  for (const std::size_t number : ring_numbers(options_.directory, options_.workers)) {
    const std::string path = str::cat(options_.directory, "/", kRingPrefix, number, kRingSuffix);
    TG_TRY(auto ring, Ring::open(path, options_.ring_capacity));
    const auto end = recovered.ring_ends.find(ring->id());
    std::uint64_t in_segments = end != recovered.ring_ends.end() ? end->second : 0;
    if (!recovered.durable) in_segments = std::min(in_segments, ring->tail());
    ring->reconcile(std::max(in_segments, ring->ship_state().cursor));
    // A worker that is no more appends no more.
    const bool is_done = number >= options_.workers && recovered.durable && ring->is_shipped();
    if (is_done && io_.unlink(path) == 0) {
      book_.add_former(*ring);
    } else {
      book_.add(std::move(ring));
    }
  }
  for (const auto& [ring_id, end] : recovered.ring_ends) {
    if (book_.knows(ring_id)) continue;
    const auto begin = recovered.ring_begins.find(ring_id);
    book_.add_stray(ring_id, begin != recovered.ring_begins.end() ? begin->second : end);
    book_.extend_stray(ring_id, end);
  }
  torn_bytes_ = recovered.torn_bytes;
  writer_.begin(recovered.next_number);
  shipper_ = std::make_unique<Shipper>(io_, segments_, book_, names_, ingest, options_.shipper);
  return {};
}

SegmentDecisionLog::~SegmentDecisionLog() {
  set_stage(writer_stage_, Stage::abandoned);
  set_stage(shipper_stage_, Stage::abandoned);
  if (writer_thread_.joinable()) writer_thread_.join();
  if (shipper_thread_.joinable()) shipper_thread_.join();
}

ports::DecisionSink& SegmentDecisionLog::sink(std::size_t worker) {
  TG_ASSERT(worker < options_.workers);
  return *book_.rings()[worker];  // ring_numbers() has 0 … workers-1 first
}

LogHealth SegmentDecisionLog::health() const {
  return {.write_failures = writer_.failures(),
          .shipping = shipper_->counts(),
          .segments = segments_.count(),
          .segment_bytes = segments_.total_bytes(),
          .torn_bytes = torn_bytes_};
}

void SegmentDecisionLog::start() {
  TG_ASSERT(!writer_thread_.joinable());
  writer_thread_ = std::thread([this] { run_writer(); });
  shipper_thread_ = std::thread([this] { run_shipper(); });
}

void SegmentDecisionLog::stop() {
  if (!writer_thread_.joinable()) return;
  set_stage(writer_stage_, Stage::finishing);
  writer_thread_.join();
  set_stage(shipper_stage_, Stage::finishing);
  shipper_thread_.join();
}

void SegmentDecisionLog::set_stage(Stage& stage, Stage to) {
  const std::scoped_lock lock(mutex_);
  stage = to;
  wake_.notify_all();
}

SegmentDecisionLog::Stage SegmentDecisionLog::wait(Stage& stage, Millis at_most) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, at_most, [&] { return stage != Stage::running; });
  return stage;
}

void SegmentDecisionLog::run_writer() {
  run_in_background("log-writer");
  // How long things take in earnest, whatever clock the rules are given.
  const SystemClock clock;
  while (wait(writer_stage_, options_.poll_interval) == Stage::running) writer_.step(clock.mono_now());
  const MonoTime deadline = clock.mono_now() + options_.stop_timeout;
  while (wait(writer_stage_, Millis(0)) == Stage::finishing && clock.mono_now() < deadline) {
    if (writer_.step(clock.mono_now(), LogWriter::Commit::now)) return;
    std::this_thread::sleep_for(options_.poll_interval);
  }
}

void SegmentDecisionLog::run_shipper() {
  run_in_background("log-shipper");
  Millis delay{0};
  while (wait(shipper_stage_, delay) == Stage::running) delay = shipper_->step();
  const SystemClock clock;
  const MonoTime deadline = clock.mono_now() + options_.stop_timeout;
  while (wait(shipper_stage_, Millis(0)) == Stage::finishing && clock.mono_now() < deadline) {
    // A delay means that everything is there, or that analytics is not.
    if (shipper_->step() > Millis(0)) return;
  }
}

}  // namespace tollgate::stores
