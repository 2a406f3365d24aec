// Runs a Task that never suspends, outside any event loop: what in-process adapters promise.
#pragma once

#include <coroutine>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "base/task.h"

namespace tollgate::testing {

struct StartedNow {
  struct promise_type {
    StartedNow get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::abort(); }
  };
};

template <class T>
StartedNow await_into(Task<T> task, std::optional<T>* out) {
  T value = co_await task;
  out->emplace(std::move(value));
}

template <class T>
T run_now(Task<T> task) {
  std::optional<T> value;
  await_into(std::move(task), &value);
  TG_ASSERT(value.has_value());  // it suspended
  return *std::move(value);
}

}  // namespace tollgate::testing
