#include "stores/remote/limiter_client.h"

#include "base/random.h"
#include "base/str.h"

namespace tollgate::stores {
namespace {

constexpr std::size_t kAnswerBytesMax = 1u << 20;

http::UpstreamPool::Options pool_options(const LimiterClientOptions& options, Millis connect_timeout) {
  return {.target = options.target, .max_idle = LimiterClient::kBatchesInFlight, .connect_timeout = connect_timeout};
}

// Lets everything that is runnable now run first.
struct AfterTheOthers {
  runtime::EventLoop& loop;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) const { loop.resume_later(waiting); }
  void await_resume() const noexcept {}
};

}  // namespace

LimiterClient::LimiterClient(runtime::EventLoop& loop, const LimiterClientOptions& options)
    : loop_(loop),
      options_(options),
      pool_(loop, pool_options(options, options.deadline)),
      control_pool_(loop, pool_options(options, options.control_deadline)),
      breaker_(options.breaker),
      tasks_(loop) {}

http::FetchRequest LimiterClient::request_to(std::string target, std::string body) const {
  http::FetchRequest request;
  request.method = "POST";
  request.target = std::move(target);
  request.headers = {{"Authorization", "Bearer " + options_.service_token}, {"Content-Type", "application/json"}};
  request.body = std::move(body);
  request.timeout = options_.deadline;
  request.max_response_bytes = kAnswerBytesMax;
  return request;
}

// While the breaker is open nobody waits for the limiter, but somebody has to find out when it is back.
bool LimiterClient::may_ask() {
  if (stopping_) return false;
  if (!breaker_.open()) return true;
  if (breaker_.start_probe(loop_.now())) tasks_.spawn(probe());
  return false;
}

// After each event that may have opened or closed it.
void LimiterClient::note_breaker() {
  counters_.open.store(breaker_.open(), std::memory_order_relaxed);
}

Task<Result<core::LimitOutcome>> LimiterClient::apply(codec::ApplyGroup group) {
  if (!may_ask()) co_return fail(codes::limiter_unavailable, "the limiter does not answer");
  if (queue_.size() >= kQueueMax) co_return fail(codes::limiter_unavailable, "too many checks wait for the limiter");
  Waiting waiting(loop_, group, loop_.now());
  queue_.push_back(&waiting);
  if (!flushing_) {
    flushing_ = true;
    tasks_.spawn(flush());
  }
  co_await waiting.done;
  co_return std::move(waiting.outcome);
}

Task<void> LimiterClient::flush() {
  const AfterTheOthers turn{loop_};
  co_await turn;
  flushing_ = false;
  while (in_flight_ < kBatchesInFlight) {
    Batch batch = take_batch();
    if (batch.empty()) co_return;
    tasks_.spawn(send(std::move(batch)));
  }
}

// Whoever has waited for a whole deadline already, or whom the breaker overtook, is told so instead of being sent late.
LimiterClient::Batch LimiterClient::take_batch() {
  Batch batch;
  const MonoTime too_late = breaker_.open() ? MonoTime::max() : loop_.now() - options_.deadline;
  while (!queue_.empty() && batch.size() < kGroupsPerBatch) {
    Waiting* next = queue_.front();
    queue_.pop_front();
    if (next->since > too_late) {
      batch.push_back(next);
    } else {
      next->outcome = fail(codes::limiter_unavailable, "the limiter is too slow");
      next->done.set();
    }
  }
  return batch;
}

Task<void> LimiterClient::send(Batch batch) {
  ++in_flight_;
  std::vector<codec::ApplyGroup> groups;
  groups.reserve(batch.size());
  for (const Waiting* waiting : batch) groups.push_back(waiting->group);
  counters_.batches.add();
  auto exchanging = exchange(groups);
  auto outcomes = co_await exchanging;
  --in_flight_;
  if (outcomes) {
    breaker_.call_succeeded();
    counters_.decisions.add(batch.size());
  } else {
    const std::uint64_t opened = breaker_.opened();
    breaker_.call_failed(loop_.now(), random_u64());
    counters_.opened.add(breaker_.opened() - opened);
    counters_.failures.add();
  }
  note_breaker();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    batch[i]->outcome = outcomes ? std::move((*outcomes)[i]) : std::unexpected(outcomes.error());
    batch[i]->done.set();
  }
  if (queue_.empty() || flushing_) co_return;
  flushing_ = true;
  tasks_.spawn(flush());
}

Task<Result<std::vector<Result<core::LimitOutcome>>>> LimiterClient::exchange(
    const std::vector<codec::ApplyGroup>& groups) {
  auto fetching = http::fetch(pool_, request_to("/api/limiter/apply", codec::encode_apply(groups)));
  auto answer = co_await fetching;
  if (!answer) co_return fail(codes::limiter_unavailable, answer.error().to_string());
  if (answer->status != 200) co_return fail(codes::limiter_unavailable, str::cat("it answered ", answer->status));
  auto outcomes = codec::decode_outcomes(answer->body, groups);
  if (!outcomes) co_return fail(codes::limiter_unavailable, outcomes.error().to_string());
  co_return std::move(outcomes);
}

Task<void> LimiterClient::probe() {
  // Asks for nothing, but with the token and of the endpoint that matters.
  http::FetchRequest request = request_to("/api/limiter/seed", {});
  request.method = "GET";
  auto fetching = http::fetch(pool_, std::move(request));
  const auto answer = co_await fetching;
  if (answer && answer->status == 200) {
    breaker_.probe_succeeded();
  } else {
    breaker_.probe_failed(loop_.now(), random_u64());
  }
  note_breaker();
}

Task<Result<std::string>> LimiterClient::control(std::string target, std::string body) {
  if (stopping_) co_return fail(codes::limiter_unavailable, "shutting down");
  http::FetchRequest request = request_to(std::move(target), std::move(body));
  request.timeout = options_.control_deadline;
  auto fetching = http::fetch(control_pool_, std::move(request));
  auto answer = co_await fetching;
  if (!answer) co_return fail(codes::limiter_unavailable, answer.error().to_string());
  if (answer->status / 100 != 2) co_return fail(codes::limiter_unavailable, str::cat("it answered ", answer->status));
  co_return std::move(answer->body);
}

Task<void> LimiterClient::stop() {
  stopping_ = true;
  auto idle = tasks_.empty();
  co_await idle;
}

}  // namespace tollgate::stores
