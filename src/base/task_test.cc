#include "base/task.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <thread>

namespace tollgate {
namespace {

// Starts a task from plain code and frees itself when it is done.
struct Detached {
  struct promise_type {
    Detached get_return_object() const { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const {}
    void unhandled_exception() const {}
  };
};

template <class T>
Detached run_into(Task<T> task, std::optional<T>& out) {
  T value = co_await std::move(task);
  out.emplace(std::move(value));
}

template <class T>
std::optional<T> run(Task<T> task) {
  std::optional<T> out;
  run_into(std::move(task), out);
  return out;
}

// Waits until someone else resumes it.
struct Event {
  std::coroutine_handle<> waiter;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) noexcept { waiter = handle; }
  void await_resume() const noexcept {}
};

Task<int> sum_to(int n) {
  if (n == 0) co_return 0;
  const int rest = co_await sum_to(n - 1);
  co_return rest + n;
}

Task<int> mark(bool& ran) {
  ran = true;
  co_return 1;
}

Task<> wait_for(Event& event) {
  co_await event;
}

Task<std::string> wait_and_say(Event& event) {
  co_await wait_for(event);
  co_return "done";
}

TEST(Task, RunsOnlyWhenAwaited) {
  bool ran = false;
  {
    const Task<int> task = mark(ran);
    EXPECT_FALSE(ran);
  }
  EXPECT_FALSE(ran);
  EXPECT_EQ(run(mark(ran)), 1);
  EXPECT_TRUE(ran);
}

TEST(Task, ValuesComeThroughNestedTasks) {
  EXPECT_EQ(run(sum_to(100)), 5050);
}

TEST(Task, SuspendsItsAwaiterAndResumesItWithTheValue) {
  Event event;
  std::optional<std::string> out;
  run_into(wait_and_say(event), out);
  EXPECT_FALSE(out);
  event.waiter.resume();
  EXPECT_EQ(out, "done");
}

Task<std::unique_ptr<int>> only_movable() {
  co_return std::make_unique<int>(5);
}

TEST(Task, MovesValuesThatCannotBeCopied) {
  EXPECT_EQ(**run(only_movable()), 5);
}

Task<int> add_up(int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i) {
    bool ran = false;
    const int one = co_await mark(ran);
    sum += one;
  }
  co_return sum;
}

TEST(Task, ALoopOverTasksThatDoNotWaitNeedsNoStack) {
  EXPECT_EQ(run(add_up(1'000'000)), 1'000'000);
}

TEST(FrameAllocator, ReusesAFreedFrameOfTheSameClass) {
  void* first = allocate_frame(200);
  free_frame(first, 200);
  void* second = allocate_frame(256);
  EXPECT_EQ(first, second);
  free_frame(second, 256);
}

TEST(FrameAllocator, FramesOfEverySizeAreTheirOwn) {
  std::map<void*, std::size_t> frames;
  for (std::size_t size = 1; size <= 8'192; size += 61) {
    void* frame = allocate_frame(size);
    std::fill_n(static_cast<char*>(frame), size, 'x');
    EXPECT_TRUE(frames.emplace(frame, size).second);
  }
  for (const auto& [frame, size] : frames) free_frame(frame, size);
}

TEST(FrameAllocator, AFrameMayBeFreedOnAnotherThread) {
  void* frame = allocate_frame(500);
  std::thread([frame] { free_frame(frame, 500); }).join();
  void* next = allocate_frame(500);
  free_frame(next, 500);
}

}  // namespace
}  // namespace tollgate
