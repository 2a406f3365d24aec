#include "stores/segments/decision_log.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

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
      reserve_(io_, options_.directory + "/reserve.tgv", options_.reserve_bytes),
      shedder_(book_, reserve_, names_),
      writer_(io_, segments_, book_, shedder_, names_, options_.writer) {}

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
  // Without room for it there are no counts; mend() tries again.
  TG_TRY([[maybe_unused]] const bool has_reserve, reserve_.open(Reserve::Contents::take_up));
  std::map<std::size_t, std::unique_ptr<Ring>> rings;
  Reserve::SentEnds sent;
  for (const std::size_t number : ring_numbers(options_.directory, options_.workers)) {
    TG_TRY(rings[number], Ring::open(io_, ring_path(number), options_.ring_capacity));
    sent[rings[number]->id()] = rings[number]->ship_state().sent;
  }
  reserve_.take_up(sent);
  for (auto& [number, ring] : rings) recover_ring(number, std::move(ring), recovered);
  recover_strays(recovered);
  recover_counts();
  torn_bytes_ = recovered.torn_bytes;
  dropped_seen_ = counters().dropped_no_room;
  condition_ = condition_now();
  writer_.begin(recovered.next_number);
  shipper_ = std::make_unique<Shipper>(Shipper::Parts{.io = io_,
                                                      .segments = segments_,
                                                      .book = book_,
                                                      .reserve = reserve_,
                                                      .shedder = shedder_,
                                                      .names = names_,
                                                      .ingest = ingest},
                                       options_.shipper);
  return {};
}

std::string SegmentDecisionLog::ring_path(std::size_t number) const {
  return str::cat(options_.directory, "/", kRingPrefix, number, kRingSuffix);
}

void SegmentDecisionLog::recover_ring(std::size_t number, std::unique_ptr<Ring> ring,
                                      const RecoveredSegments& recovered) {
  const ShipState state = ring->ship_state();
  reserve_.remove_below(ring->id(), state.cursor);
  reserve_.keep_apart(ring->id(), state.sent);
  const auto end = recovered.ring_ends.find(ring->id());
  std::uint64_t durable_end = end != recovered.ring_ends.end() ? end->second : 0;
  if (!recovered.durable) durable_end = std::min(durable_end, ring->tail());
  for (const Reserve::Range& counts : reserve_.ranges(ring->id())) durable_end = std::max(durable_end, counts.end);
  ring->reconcile(std::max(durable_end, state.cursor));
  // A worker that is no more appends no more.
  const bool is_needed = number < options_.workers || !recovered.durable || !ring->is_shipped();
  if (!is_needed && io_.unlink(ring_path(number)) == 0) {
    return book_.add_former(*ring);
  }
  if (number < options_.workers) sinks_.push_back(ring.get());
  if (ring->is_in_memory()) {
    moving_sinks_.push_back(std::make_unique<MovingSink>(*ring));
    without_file_[number] = moving_sinks_.back().get();
    sinks_.back() = without_file_[number];
  }
  book_.add(std::move(ring));
}

// Rings whose files are gone.
void SegmentDecisionLog::recover_strays(const RecoveredSegments& recovered) {
  for (const auto& [ring_id, end] : recovered.ring_ends) {
    if (book_.knows(ring_id)) continue;
    const auto begin = recovered.ring_begins.find(ring_id);
    std::uint64_t first = begin != recovered.ring_begins.end() ? begin->second : end;
    for (const Reserve::Range& counts : reserve_.ranges(ring_id)) first = std::min(first, counts.first);
    book_.add_stray(ring_id, first);
    book_.extend_stray(ring_id, end);
  }
}

void SegmentDecisionLog::recover_counts() {
  for (const std::uint64_t ring_id : reserve_.ring_ids()) {
    const auto counts = reserve_.ranges(ring_id);
    if (!book_.knows(ring_id)) book_.add_stray(ring_id, counts.front().first);
    book_.extend_stray(ring_id, counts.back().end);
    book_.hold(ring_id, reserve_.sum(ring_id));
  }
}

SegmentDecisionLog::~SegmentDecisionLog() {
  set_stage(writer_stage_, Stage::abandoned);
  set_stage(shipper_stage_, Stage::abandoned);
  if (writer_thread_.joinable()) writer_thread_.join();
  if (shipper_thread_.joinable()) shipper_thread_.join();
}

ports::DecisionSink& SegmentDecisionLog::sink(std::size_t worker) {
  TG_ASSERT(worker < sinks_.size());
  return *sinks_[worker];
}

LogHealth SegmentDecisionLog::health() const {
  return {.write_failures = writer_.failures(),
          .shipping = shipper_->counts(),
          .segments = segments_.count(),
          .segment_bytes = segments_.total_bytes(),
          .torn_bytes = torn_bytes_,
          .in_rings = book_.in_rings(),
          .shed_records = writer_.shed_records(),
          .condition = condition_.load(std::memory_order_relaxed)};
}

bool SegmentDecisionLog::write_step(MonoTime now, LogWriter::Commit commit) {
  if (now >= mend_at_ && (!without_file_.empty() || !reserve_.is_open())) mend(now);
  const bool all_durable = writer_.step(now, commit);
  const LogCondition seen = condition_now();
  if (seen != condition_.load(std::memory_order_relaxed)) condition_.store(seen, std::memory_order_relaxed);
  if (const auto news = watch_.look(seen, now); news && options_.on_condition) options_.on_condition(*news);
  return all_durable;
}

// Makes what there was no room for at the start.
void SegmentDecisionLog::mend(MonoTime now) {
  mend_at_ = now + options_.mend_interval;
  [[maybe_unused]] const auto has_reserve = reserve_.open(Reserve::Contents::ignore);
  std::erase_if(without_file_, [&](const auto& waiting) {
    auto ring = Ring::open(io_, ring_path(waiting.first), options_.ring_capacity);
    if (!ring || (*ring)->is_in_memory()) return false;
    Ring& now_in_file = **ring;
    book_.add(*std::move(ring));
    writer_.add_ring();
    waiting.second->move_to(now_in_file);
    return true;
  });
}

LogCondition SegmentDecisionLog::condition_now() {
  const std::uint64_t dropped = std::exchange(dropped_seen_, counters().dropped_no_room);
  const std::uint64_t shed = std::exchange(shed_seen_, writer_.shed_records());
  if (dropped_seen_ > dropped) return LogCondition::dropping;
  if (shed_seen_ > shed) return LogCondition::counting;
  if (writer_.is_refused()) return LogCondition::waiting;
  if (!without_file_.empty() || !reserve_.is_open()) return LogCondition::in_memory;
  return LogCondition::whole;
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
  while (wait(writer_stage_, options_.poll_interval) == Stage::running)
    write_step(clock.mono_now(), LogWriter::Commit::when_due);
  const MonoTime deadline = clock.mono_now() + options_.stop_timeout;
  while (wait(writer_stage_, Millis(0)) == Stage::finishing && clock.mono_now() < deadline) {
    if (write_step(clock.mono_now(), LogWriter::Commit::now)) return;
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
