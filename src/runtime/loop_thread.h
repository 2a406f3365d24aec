// An event loop on a thread of its own.
#pragma once

#include <future>
#include <string>
#include <thread>
#include <type_traits>

#include "runtime/event_loop.h"

namespace tollgate::runtime {

class LoopThread {
 public:
  explicit LoopThread(const std::string& name);  // at most 15 characters, shown by top -H
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;
  ~LoopThread();  // stops and joins

  EventLoop& loop() { return loop_; }
  // Runs `work` on the loop's thread and waits for it. Not from the loop's own thread.
  template <class Work>
  auto call(Work work) -> std::invoke_result_t<Work&> {
    std::packaged_task<std::invoke_result_t<Work&>()> task(std::move(work));
    auto done = task.get_future();
    loop_.post([&task] { task(); });
    return done.get();
  }
  // Starts a coroutine on the loop and waits for its end. `make` is called on the loop's thread.
  template <class Make>
  auto await(Make make) {
    using Value = decltype(make().await_resume());
    std::promise<Value> promise;
    auto done = promise.get_future();
    loop_.post([&] { tasks_.spawn(fulfil<Value>(make(), promise)); });
    return done.get();
  }

 private:
  template <class Value>
  static Task<void> fulfil(Task<Value> task, std::promise<Value>& promise) {
    if constexpr (std::is_void_v<Value>) {
      co_await task;
      promise.set_value();
    } else {
      Value value = co_await task;
      promise.set_value(std::move(value));
    }
  }

  EventLoop loop_;
  TaskGroup tasks_{loop_};
  std::thread thread_;
};

}  // namespace tollgate::runtime
