#include "runtime/lookups.h"

#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "runtime/event_loop.h"

namespace tollgate::runtime {

struct Lookups::State {
  explicit State(EventLoop& owner) : loop(&owner) {}

  std::mutex mutex;
  std::condition_variable changed;
  EventLoop* loop;  // null: there is nobody any more
  std::deque<std::function<std::function<void()>()>> calls;
};

Lookups::Lookups(EventLoop& loop) : state_(std::make_shared<State>(loop)) {
  std::thread thread([state = state_] { work(state); });
  ::pthread_setname_np(thread.native_handle(), "lookup");
  thread.detach();
}

Lookups::~Lookups() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->loop = nullptr;
    state_->calls.clear();
  }
  state_->changed.notify_all();
}

void Lookups::submit(std::function<std::function<void()>()> call) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->calls.push_back(std::move(call));
  }
  state_->changed.notify_all();
}

// The mutex is held while something is posted: the loop does not end meanwhile.
void Lookups::work(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mutex);
  while (true) {
    state->changed.wait(lock, [&] { return state->loop == nullptr || !state->calls.empty(); });
    if (state->loop == nullptr) return;
    const auto call = std::move(state->calls.front());
    state->calls.pop_front();
    lock.unlock();
    auto finish = call();
    lock.lock();
    if (state->loop != nullptr) state->loop->post(std::move(finish));
  }
}

}  // namespace tollgate::runtime
