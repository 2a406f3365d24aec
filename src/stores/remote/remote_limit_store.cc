#include "stores/remote/remote_limit_store.h"

namespace tollgate::stores {
namespace {

Error not_on_a_loop() {
  return Error(codes::limiter_unavailable, "called from a thread that has no connection to the limiter");
}

}  // namespace

Result<std::unique_ptr<RemoteLimitStore>> RemoteLimitStore::make(const std::vector<runtime::LoopThread*>& loops,
                                                                 Options options) {
  TG_TRY(http::UpstreamTarget target, http::parse_service_url(options.url));
  const LimiterClientOptions client_options{.target = std::move(target),
                                            .service_token = std::move(options.service_token),
                                            .deadline = options.deadline,
                                            .breaker = options.breaker};
  std::unique_ptr<RemoteLimitStore> store(new RemoteLimitStore(options.fallback));
  for (runtime::LoopThread* thread : loops) {
    store->members_.push_back(thread->call([&] {
      return Member{.thread = thread,
                    .id = std::this_thread::get_id(),
                    .client = std::make_unique<LimiterClient>(thread->loop(), client_options)};
    }));
  }
  return store;
}

RemoteLimitStore::~RemoteLimitStore() {
  for (Member& member : members_) {
    member.thread->await([&] { return member.client->stop(); });
    member.thread->call([&] { member.client.reset(); });
  }
}

LimiterClient* RemoteLimitStore::client_here() const {
  const std::thread::id here = std::this_thread::get_id();
  for (const Member& member : members_) {
    if (member.id == here) return member.client.get();
  }
  return nullptr;
}

RemoteLimitStats RemoteLimitStore::stats() const {
  RemoteLimitStats sum;
  for (const Member& member : members_) {
    const LimiterClientCounters& counters = member.client->counters();
    sum.calls += counters.batches.value();
    sum.failures += counters.failures.value();
    sum.remote_decisions += counters.decisions.value();
    sum.local_decisions += counters.fallbacks.value();
    sum.outages += counters.opened.value();
    if (counters.open.load(std::memory_order_relaxed)) ++sum.paused_loops;
  }
  return sum;
}

Task<Result<core::LimitOutcome>> RemoteLimitStore::apply(std::span<const core::LimitCheck> checks,
                                                         ports::ApplyOptions options) {
  LimiterClient* client = client_here();
  if (client == nullptr) co_return std::unexpected(not_on_a_loop());
  auto asking = client->apply({.checks = checks, .peek = options.peek});
  auto outcome = co_await asking;
  if (outcome || fallback_ == nullptr) co_return std::move(outcome);
  client->counters().fallbacks.add();
  auto deciding = fallback_->apply(checks, options);
  auto decided = co_await deciding;
  co_return std::move(decided);
}

Task<Result<core::LimitAnswer>> RemoteLimitStore::read(core::LimitCheck check) {
  LimiterClient* client = client_here();
  if (client == nullptr) co_return std::unexpected(not_on_a_loop());
  auto asking = client->control("/api/limiter/read", codec::encode_check(check));
  const auto body = co_await asking;
  if (!body) co_return std::unexpected(body.error());
  auto answer = codec::decode_answer(*body);
  if (!answer) co_return fail(codes::limiter_unavailable, answer.error().to_string());
  co_return std::move(answer);
}

Task<Result<void>> RemoteLimitStore::reset(core::LimitCheck check) {
  LimiterClient* client = client_here();
  if (client == nullptr) co_return std::unexpected(not_on_a_loop());
  auto asking = client->control("/api/limiter/reset", codec::encode_check(check));
  const auto done = co_await asking;
  if (!done) co_return std::unexpected(done.error());
  if (fallback_ != nullptr) {
    auto here = fallback_->reset(check);
    static_cast<void>(co_await here);
  }
  co_return Result<void>{};
}

Task<Result<void>> RemoteLimitStore::migrate(core::LimitCheck from, core::LimitCheck to) {
  LimiterClient* client = client_here();
  if (client == nullptr) co_return std::unexpected(not_on_a_loop());
  auto asking = client->control("/api/limiter/migrate", codec::encode_migration(from, to));
  const auto done = co_await asking;
  if (!done) co_return std::unexpected(done.error());
  if (fallback_ != nullptr) {
    auto here = fallback_->migrate(from, to);
    static_cast<void>(co_await here);
  }
  co_return Result<void>{};
}

}  // namespace tollgate::stores
