// Task<T>: a lazy coroutine that runs when awaited and resumes its awaiter when done.
//
// Rules for code that uses it (g++ 12 has faults around them): one co_await per statement, bound to a named variable,
// never inside ?:, a call's arguments or a braced list; no capturing lambda is a coroutine; a coroutine that may
// outlive its caller takes values. A Task is awaited exactly once, on one thread. Exceptions do not leave a Task: they
// abort.
//
// Frames come from a thread-local free list, so a request's coroutines cost no malloc once a worker is warm.
#pragma once

#include <coroutine>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/assert.h"

namespace tollgate {

// Blocks of coroutine frames, per thread, in size classes up to 4 KiB; larger ones go to operator new.
// A frame may be freed on another thread than made it: it joins that thread's list.
void* allocate_frame(std::size_t size);
void free_frame(void* frame, std::size_t size) noexcept;

namespace detail {

struct FinalAwaiter {
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) const noexcept {
    return done.promise().continuation;
  }
  void await_resume() const noexcept {}
};

struct TaskPromiseBase {
  std::coroutine_handle<> continuation = std::noop_coroutine();

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
  [[noreturn]] void unhandled_exception() const noexcept {
    assertion_failed("no exception leaves a Task", __FILE__, __LINE__);
  }

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { free_frame(frame, size); }
};

// Runs a task to its end, or to its first wait. Only a task that waits goes on with its awaiter by itself: one that
// does not returns to it here, so that a loop over such tasks needs no stack, also where the compiler makes no tail
// calls.
template <class Promise>
bool run_until_wait(std::coroutine_handle<Promise> task, std::coroutine_handle<> awaiter) noexcept {
  task.resume();
  if (task.done()) return false;
  task.promise().continuation = awaiter;
  return true;
}

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
 public:
  struct promise_type : detail::TaskPromiseBase {
    std::optional<T> value;
    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    template <class U>
    void return_value(U&& result) {
      value.emplace(std::forward<U>(result));
    }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiter) noexcept { return detail::run_until_wait(handle_, awaiter); }
  T await_resume() { return *std::move(handle_.promise().value); }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

template <>
class [[nodiscard]] Task<void> {
 public:
  struct promise_type : detail::TaskPromiseBase {
    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    void return_void() const noexcept {}
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiter) noexcept { return detail::run_until_wait(handle_, awaiter); }
  void await_resume() const noexcept {}

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

}  // namespace tollgate
