#include "stores/memory/key_follower.h"

#include <algorithm>

#include "base/assert.h"
#include "base/background.h"
#include "base/random.h"
#include "base/str.h"
#include "telemetry/log.h"

namespace tollgate::stores {

using telemetry::Level;

Nanos next_back_off(Nanos last, Nanos least) {
  return std::clamp<Nanos>(last * 2, least, Seconds(2));
}

KeyFollower::KeyFollower(ports::KeyFeed& feed, KeyTable& table, const Clock& clock, Options options)
    : feed_(feed), table_(table), clock_(clock), options_(std::move(options)), book_(table, options_.book) {}

KeyFollower::~KeyFollower() {
  {
    const std::lock_guard lock(wake_mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void KeyFollower::start() {
  TG_ASSERT(!thread_.joinable());
  thread_ = std::thread([this] { run(); });
}

bool KeyFollower::stopping() {
  const std::lock_guard lock(wake_mutex_);
  return stopping_;
}

void KeyFollower::run() {
  run_in_background("key-follower");
  while (true) {
    const Nanos wait = wait_after(follow_once());
    std::unique_lock lock(wake_mutex_);
    wake_.wait_for(lock, wait, [this] { return stopping_; });
    if (stopping_) return;
  }
}

Nanos KeyFollower::wait_after(const Result<void>& outcome) {
  if (outcome) {
    back_off_ = Nanos{0};
    return options_.interval;
  }
  back_off_ = next_back_off(back_off_, options_.interval);
  const auto half = static_cast<std::uint64_t>(back_off_.count() / 2);
  return Nanos(static_cast<std::int64_t>(half + random_u64() % (half + 1)));
}

Result<void> KeyFollower::follow_once() {
  const std::lock_guard lock(round_);
  const MonoTime asked = clock_.mono_now();
  const Result<void> outcome = take_all_pages();
  if (outcome) table_.set_fresh(asked, revision_);
  note(outcome);
  return outcome;
}

Result<void> KeyFollower::take_all_pages() {
  while (true) {
    TG_TRY(const core::KeyChanges changes, feed_.changes_since(revision_, options_.page));
    // A feed that goes back (restored from a copy) or stands still has changes that would never be seen.
    if (changes.revision < revision_ || (changes.more && changes.revision == revision_)) {
      return fail(codes::store_corrupt,
                  str::cat("the key feed went from revision ", revision_, " to ", changes.revision));
    }
    if (!book_.apply(changes))
      return fail(codes::limiter_unavailable, "levels could not be carried over to new limits");
    revision_ = changes.revision;
    if (!changes.more) return {};
    if (stopping()) return fail(codes::cancelled);
  }
}

// A line when something begins or ends, not one for each round.
void KeyFollower::note(const Result<void>& outcome) {
  if (!outcome && !failing_) {
    telemetry::log(Level::warn, options_.service, "keys cannot be followed, serving those known",
                   {{"code", std::string(outcome.error().code().name)}, {"detail", outcome.error().detail()}});
  } else if (outcome && failing_) {
    telemetry::log(Level::info, options_.service, "keys are followed again", {{"keys", std::uint64_t{table_.size()}}});
  }
  failing_ = !outcome;
  if (outcome && book_.kept_out() != reported_kept_out_) {
    reported_kept_out_ = book_.kept_out();
    telemetry::log(reported_kept_out_ > 0 ? Level::error : Level::info, options_.service,
                   "keys with an unknown tier or unusable limit are refused",
                   {{"keys", std::uint64_t{reported_kept_out_}}});
  }
}

}  // namespace tollgate::stores
