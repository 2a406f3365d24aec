#include "runtime/event_loop.h"

#include "base/assert.h"
#include "runtime/asio.h"

namespace tollgate::runtime {
namespace {

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

void schedule_tick(EventLoop& loop) {
  AsioTimer& tick = loop.impl().tick;
  tick.expires_after(DeadlineWheel::kTick);
  tick.async_wait([&loop](error_code error) {
    if (error) return;
    loop.deadlines().advance(loop.now());
    schedule_tick(loop);
  });
}

}  // namespace

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) { wheel_.advance(now()); }
EventLoop::~EventLoop() = default;

void EventLoop::run() {
  schedule_tick(*this);
  impl_->context.run();
}

void EventLoop::stop() { impl_->context.stop(); }
void EventLoop::post(std::function<void()> work) { asio::post(impl_->context, std::move(work)); }
void EventLoop::resume_later(std::coroutine_handle<> waiting) {
  asio::post(impl_->context, [waiting] { waiting.resume(); });
}

TaskGroup::~TaskGroup() { TG_ASSERT(running_ == 0); }

void TaskGroup::spawn(Task<void> task) {
  ++running_;
  run_detached(std::move(task), [this] { finished(); });
}

void TaskGroup::finished() {
  if (--running_ == 0 && joiner_) loop_.resume_later(std::exchange(joiner_, nullptr));
}

}  // namespace tollgate::runtime
