#include "services/analytics/live_feed.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>
#include <utility>

#include "base/random.h"

namespace tollgate::services {
namespace {

constexpr std::size_t kSecondsBefore = 10;
constexpr std::int64_t kWatchSeconds = 10;
constexpr std::size_t kCandidates = 50;
constexpr std::size_t kMoversMax = 10;

std::int64_t whole_seconds(MonoTime time) {
  return std::chrono::floor<Seconds>(time.time_since_epoch()).count();
}

}  // namespace

LiveFeed::LiveFeed(const Clock& clock) : clock_(clock), epoch_(random_u64()) {
  begin_second(1, whole_seconds(clock_.mono_now()));
}

void LiveFeed::take(std::span<const core::DecisionRecord> records) {
  const std::scoped_lock lock(mutex_);
  roll();
  const bool watched = second_ < watched_until_;
  for (const core::DecisionRecord& record : records) {
    current_->counts.add(record);
    current_->outcomes[std::min<std::size_t>(static_cast<std::size_t>(record.outcome), 7)] += 1;
    current_->latency.record(record.total_us);
    if (!watched) continue;
    const bool limited = record.outcome == core::Outcome::limited;
    if (record.key != 0) add_share(Mover::Kind::key, record.key, limited);
    if (record.route != 0) add_share(Mover::Kind::route, record.route, limited);
  }
}

void LiveFeed::add_share(Mover::Kind kind, std::uint64_t id, bool limited) {
  Tallies& tallies = shares_.of[std::to_underlying(kind)];
  auto at = tallies.find(id);
  if (at == tallies.end()) {
    if (tallies.size() >= kNamesMax) return;
    at = tallies.emplace(id, Tally{}).first;
  }
  at->second.requests += 1;
  at->second.rate_limited += limited ? 1 : 0;
}

std::vector<std::shared_ptr<const LiveSecond>> LiveFeed::since(std::uint64_t after) {
  const std::scoped_lock lock(mutex_);
  roll();
  watched_until_ = second_ + kWatchSeconds;
  std::vector<std::shared_ptr<const LiveSecond>> seconds;
  for (const auto& second : over_) {
    if (second->number > after) seconds.push_back(second);
  }
  return seconds;
}

std::uint64_t LiveFeed::latest() {
  const std::scoped_lock lock(mutex_);
  roll();
  return current_->number - 1;
}

// Closes every second that is over. What a long silence has pushed out of reach is not made first.
void LiveFeed::roll() {
  const std::int64_t now = whole_seconds(clock_.mono_now());
  const std::int64_t beyond_reach = now - second_ - static_cast<std::int64_t>(kSecondsKept);
  if (beyond_reach > 0) {
    over_.clear();
    before_.clear();
    shares_ = {};
    begin_second(current_->number + static_cast<std::uint64_t>(beyond_reach), second_ + beyond_reach);
  }
  while (second_ < now) close_second();
}

// Its wall clock time is reckoned back from now, so that seconds follow one another also where nothing came in.
void LiveFeed::begin_second(std::uint64_t number, std::int64_t second) {
  const Seconds ago(whole_seconds(clock_.mono_now()) - second);
  const WallTime time = std::chrono::floor<Seconds>(clock_.wall_now()) - ago;
  const WallTime least = current_ ? current_->time + Seconds(1) : WallTime::min();
  current_ = std::make_shared<LiveSecond>();
  current_->number = number;
  current_->time = std::max(time, least);
  second_ = second;
}

void LiveFeed::close_second() {
  for (std::size_t kind = 0; kind < shares_.of.size(); ++kind) shares_.busiest[kind] = busiest_of(shares_.of[kind]);
  if (second_ < watched_until_) current_->movers = movers(shares_);
  before_.push_back(std::exchange(shares_, {}));
  if (before_.size() > kSecondsBefore) before_.pop_front();
  over_.push_back(current_);
  if (over_.size() > kSecondsKept) over_.pop_front();
  begin_second(current_->number + 1, second_ + 1);
}

std::vector<std::uint64_t> LiveFeed::busiest_of(const Tallies& tallies) {
  std::vector<std::uint64_t> ids;
  for (const auto& [id, tally] : tallies) ids.push_back(id);
  const auto end = ids.begin() + static_cast<std::ptrdiff_t>(std::min(ids.size(), kCandidates));
  std::ranges::partial_sort(ids, end, [&](std::uint64_t a, std::uint64_t b) {
    const std::uint64_t of_a = tallies.at(a).requests, of_b = tallies.at(b).requests;
    return of_a != of_b ? of_a > of_b : a < b;
  });
  ids.erase(end, ids.end());
  return ids;
}

// Whoever was among the busiest, now or before, with what there is of it now and was before.
std::vector<Mover> LiveFeed::movers(const Shares& now) const {
  std::vector<Mover> all;
  if (before_.empty()) return all;
  for (const Mover::Kind kind : {Mover::Kind::key, Mover::Kind::route}) {
    const std::size_t index = std::to_underlying(kind);
    std::set<std::uint64_t> candidates(now.busiest[index].begin(), now.busiest[index].end());
    for (const Shares& second : before_) candidates.insert(second.busiest[index].begin(), second.busiest[index].end());
    for (const std::uint64_t id : candidates) all.push_back(mover(kind, id, now));
  }
  const auto change = [](const Mover& mover) { return std::abs(static_cast<double>(mover.requests) - mover.before); };
  std::ranges::sort(all, [&](const Mover& a, const Mover& b) {
    return std::tuple(change(b), a.kind, a.id) < std::tuple(change(a), b.kind, b.id);
  });
  if (all.size() > kMoversMax) all.resize(kMoversMax);
  return all;
}

Mover LiveFeed::mover(Mover::Kind kind, std::uint64_t id, const Shares& now) const {
  const std::size_t index = std::to_underlying(kind);
  const auto tally_in = [&](const Shares& shares) {
    const auto at = shares.of[index].find(id);
    return at == shares.of[index].end() ? Tally{} : at->second;
  };
  std::uint64_t before = 0;
  for (const Shares& second : before_) before += tally_in(second).requests;
  const Tally tally = tally_in(now);
  return {.kind = kind,
          .id = id,
          .requests = tally.requests,
          .rate_limited = tally.rate_limited,
          .before = static_cast<double>(before) / static_cast<double>(before_.size())};
}

}  // namespace tollgate::services
