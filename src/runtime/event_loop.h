// One thread's event loop: descriptors, deadlines, and the tasks that wait for them.
//
// Thread safety: post() and stop() from any thread; everything else from the loop's own thread.
#pragma once

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/task.h"
#include "runtime/deadline.h"

namespace tollgate::runtime {

class Lookups;

// Something with a descriptor that the loop watches, edge-triggered. Events that were fetched before it was closed may
// still be in the loop's hands, so it is retired through the loop instead of being deleted.
class Pollable {
 public:
  virtual ~Pollable() = default;
  // `events` as of epoll. May close this object, and any other; resumes nobody itself (resume_later).
  virtual void on_events(std::uint32_t events) = 0;
  bool closed() const { return closed_; }

 private:
  friend class EventLoop;
  bool closed_ = false;
};

class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Runs on the calling thread until stop(). Tasks still waiting then are left suspended: whoever spawned them has to
  // end them first (see TaskGroup).
  void run();
  void stop();
  // Runs `work` on the loop's thread, later.
  void post(std::function<void()> work);
  // Resumes a coroutine of this loop from its queue instead of from the caller's stack.
  void resume_later(std::coroutine_handle<> waiting) { resumable_.push_back(waiting); }
  // The same from another thread.
  void resume_from_elsewhere(std::coroutine_handle<> waiting);

  MonoTime now() const { return clock_.mono_now(); }
  // When the events that are being worked on were fetched: a load instead of a clock read, at most a round old. For
  // deadlines and for when a request arrived (waiting behind others of its round is part of its latency).
  MonoTime round_time() const { return round_time_; }
  WallTime round_wall_time() const { return round_wall_time_; }
  DeadlineWheel& deadlines() { return wheel_; }

  // Begins to watch a descriptor, or changes what is watched for.
  void watch(int fd, std::uint32_t events, Pollable& pollable);
  void change_watch(int fd, std::uint32_t events, Pollable& pollable);
  // Deletes it once no fetched event can refer to it. Its descriptor is closed by then or closes with it.
  void retire(std::unique_ptr<Pollable> pollable);

  class SleepAwaiter : public Deadline {
   public:
    SleepAwaiter(EventLoop& loop, Nanos duration) : loop_(loop), duration_(duration) {}
    bool await_ready() const noexcept { return duration_ <= Nanos{0}; }
    void await_suspend(std::coroutine_handle<> waiting) {
      waiting_ = waiting;
      loop_.wheel_.arm(*this, loop_.now() + duration_);
    }
    void await_resume() const noexcept {}

   private:
    void on_deadline() override { waiting_.resume(); }
    EventLoop& loop_;
    Nanos duration_;
    std::coroutine_handle<> waiting_;
  };
  class QueueAwaiter {
   public:
    explicit QueueAwaiter(std::vector<std::coroutine_handle<>>& queue) : queue_(queue) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) { queue_.push_back(waiting); }
    void await_resume() const noexcept {}

   private:
    std::vector<std::coroutine_handle<>>& queue_;
  };
  // co_await loop.write_turn(): when everything of this round that computes has computed. Writes in a row keep the
  // kernel's path for them in the processor's cache. Once a round, so that who writes often lets others have a turn.
  QueueAwaiter write_turn() { return QueueAwaiter(writers_); }
  // co_await loop.yield(): in the next round. For loops that might never have to wait.
  QueueAwaiter yield() { return QueueAwaiter(resumable_); }

  // co_await loop.sleep(…): at least that long, to the wheel's tick.
  SleepAwaiter sleep(Nanos duration) { return {*this, duration}; }

  // The thread for name lookups, made when first asked for.
  Lookups& lookups();

 private:
  int wait_limit() const;
  void begin_round();
  void wait_for_events(int timeout_ms);
  void run_posted();
  bool has_work() const { return !resumable_.empty() || !writers_.empty(); }
  void run_batch(std::vector<std::coroutine_handle<>>& queue);

  SystemClock clock_;
  DeadlineWheel wheel_;
  MonoTime next_tick_{};
  MonoTime round_time_{};
  WallTime round_wall_time_{};
  UniqueFd epoll_;
  UniqueFd wake_;
  std::atomic<bool> stopping_{false};
  std::vector<std::coroutine_handle<>> resumable_;
  std::vector<std::coroutine_handle<>> writers_;
  std::vector<std::coroutine_handle<>> resuming_;  // the batch that run_batch() works on
  std::vector<std::unique_ptr<Pollable>> retired_;

  std::mutex posted_mutex_;
  std::vector<std::function<void()>> posted_;
  std::unique_ptr<Lookups> lookups_;  // posts: ends first
};

// Tasks nobody awaits, counted, so that shutdown can wait for the last. Belongs to one loop.
class TaskGroup {
 public:
  explicit TaskGroup(EventLoop& loop) : loop_(loop) {}
  ~TaskGroup();  // asserts that it is empty
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts the task at once, on the caller's stack up to its first wait.
  void spawn(Task<void> task);
  std::size_t running() const { return running_; }

  class EmptyAwaiter {
   public:
    explicit EmptyAwaiter(TaskGroup& group) : group_(group) {}
    bool await_ready() const noexcept { return group_.running_ == 0; }
    void await_suspend(std::coroutine_handle<> waiting) { group_.joiner_ = waiting; }
    void await_resume() const noexcept {}

   private:
    TaskGroup& group_;
  };
  // co_await group.empty(): until the last task has ended. One waiter at a time.
  EmptyAwaiter empty() { return EmptyAwaiter(*this); }

 private:
  void finished();
  EventLoop& loop_;
  std::size_t running_ = 0;
  std::coroutine_handle<> joiner_;
};

// A flag that one task waits for and another of the same loop sets.
class Event {
 public:
  explicit Event(EventLoop& loop) : loop_(loop) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() = default;

  void set() {
    set_ = true;
    if (waiting_) loop_.resume_later(std::exchange(waiting_, nullptr));
  }
  bool is_set() const { return set_; }
  bool await_ready() const noexcept { return set_; }
  void await_suspend(std::coroutine_handle<> waiting) { waiting_ = waiting; }
  void await_resume() const noexcept {}

 private:
  EventLoop& loop_;
  bool set_ = false;
  std::coroutine_handle<> waiting_;
};

}  // namespace tollgate::runtime
