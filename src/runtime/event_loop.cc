#include "runtime/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/assert.h"
#include "runtime/lookups.h"

namespace tollgate::runtime {
namespace {

constexpr std::size_t kEventsAtOnce = 256;

struct DetachedTask {
  struct promise_type {
    DetachedTask get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept {
      assertion_failed("no exception leaves a task", __FILE__, __LINE__);
    }
    static void* operator new(std::size_t size) { return allocate_frame(size); }
    static void operator delete(void* frame, std::size_t size) noexcept { free_frame(frame, size); }
  };
};

DetachedTask run_detached(Task<void> task, std::function<void()> finished) {
  co_await task;
  finished();
}

}  // namespace

EventLoop::EventLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  TG_ASSERT(epoll_ && wake_);
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  TG_ASSERT(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) == 0);
  begin_round();
  wheel_.advance(round_time_);
}

EventLoop::~EventLoop() = default;

void EventLoop::run() {
  while (!stopping_.load(std::memory_order_acquire) || has_work()) {
    wait_for_events(wait_limit());
    if (round_time_ >= next_tick_) {
      wheel_.advance(round_time_);
      next_tick_ = wheel_.next_tick();
    }
    // Once each: what they queue waits for the next round, behind events and deadlines.
    run_batch(resumable_);
    run_batch(writers_);
    retired_.clear();
  }
}

// Not at all while something is runnable; to the wheel's next tick while it holds anything; else until something
// happens.
int EventLoop::wait_limit() const {
  if (has_work()) return 0;
  if (wheel_.empty()) return -1;
  const auto left = std::chrono::ceil<Millis>(next_tick_ - now()).count();
  return left > 0 ? static_cast<int>(left) : 0;
}

void EventLoop::begin_round() {
  round_time_ = clock_.mono_now();
  round_wall_time_ = clock_.wall_now();
}

// Reads of a round come before the work on what they read: each of the two runs faster in a row than in turns.
void EventLoop::wait_for_events(int timeout_ms) {
  std::array<epoll_event, kEventsAtOnce> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout_ms);
  TG_ASSERT(count >= 0 || errno == EINTR);
  begin_round();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.ptr == nullptr) {
      run_posted();
      continue;
    }
    auto* pollable = static_cast<Pollable*>(event.data.ptr);
    if (!pollable->closed_) pollable->on_events(event.events);
  }
}

void EventLoop::run_posted() {
  std::uint64_t ignored = 0;
  [[maybe_unused]] const ssize_t got = ::read(wake_.get(), &ignored, sizeof(ignored));
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock(posted_mutex_);
    work.swap(posted_);
  }
  for (const auto& piece : work) piece();
}

void EventLoop::run_batch(std::vector<std::coroutine_handle<>>& queue) {
  resuming_.swap(queue);
  for (const std::coroutine_handle<> waiting : resuming_) waiting.resume();
  resuming_.clear();
}

void EventLoop::stop() {
  stopping_.store(true, std::memory_order_release);
  post([] {});
}

void EventLoop::post(std::function<void()> work) {
  {
    const std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(work));
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t put = ::write(wake_.get(), &one, sizeof(one));
}

void EventLoop::resume_from_elsewhere(std::coroutine_handle<> waiting) {
  post([waiting] { waiting.resume(); });
}

void EventLoop::watch(int fd, std::uint32_t events, Pollable& pollable) {
  epoll_event event{.events = events | EPOLLET, .data = {.ptr = &pollable}};
  TG_ASSERT(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0);
}

void EventLoop::change_watch(int fd, std::uint32_t events, Pollable& pollable) {
  epoll_event event{.events = events | EPOLLET, .data = {.ptr = &pollable}};
  TG_ASSERT(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0);
}

void EventLoop::retire(std::unique_ptr<Pollable> pollable) {
  pollable->closed_ = true;
  retired_.push_back(std::move(pollable));
}

Lookups& EventLoop::lookups() {
  if (lookups_ == nullptr) lookups_ = std::make_unique<Lookups>(*this);
  return *lookups_;
}

TaskGroup::~TaskGroup() {
  TG_ASSERT(running_ == 0);
}

void TaskGroup::spawn(Task<void> task) {
  ++running_;
  run_detached(std::move(task), [this] { finished(); });
}

void TaskGroup::finished() {
  if (--running_ == 0 && joiner_) loop_.resume_later(std::exchange(joiner_, nullptr));
}

}  // namespace tollgate::runtime
