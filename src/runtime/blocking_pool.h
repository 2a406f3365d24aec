// Threads for work that blocks: SQLite, password hashing, files. A coroutine hands the work over and is resumed on its
// own loop with the result.
//
// Thread safety: run() and submit() from any loop's thread.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <vector>

#include "runtime/event_loop.h"

namespace tollgate::runtime {

class BlockingPool {
 public:
  explicit BlockingPool(unsigned threads);
  ~BlockingPool();  // finishes what is queued
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  template <class Work>
  class Awaiter {
   public:
    using Value = std::invoke_result_t<Work&>;
    Awaiter(BlockingPool& pool, EventLoop& loop, Work work) : pool_(pool), loop_(loop), work_(std::move(work)) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
      pool_.submit([this, waiting] {
        value_.emplace(work_());
        loop_.resume_from_elsewhere(waiting);
      });
    }
    Value await_resume() { return *std::move(value_); }

   private:
    BlockingPool& pool_;
    EventLoop& loop_;
    Work work_;
    std::optional<Value> value_;
  };

  // auto result = co_await pool.run(loop, [&] { return blocking_call(); });  The work returns a value, not void.
  template <class Work>
  Awaiter<Work> run(EventLoop& loop, Work work) {
    return {*this, loop, std::move(work)};
  }
  // Runs `job`, for which nobody waits.
  void submit(std::function<void()> job);

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tollgate::runtime
