// A thread for calls that block for as long as they like and cannot be interrupted: getaddrinfo. Nobody waits for it:
// when its owner ends, a call that hangs is left to itself, and ends with the process at the latest.
//
// Thread safety: the loop's thread only.
#pragma once

#include <functional>
#include <memory>

namespace tollgate::runtime {

class EventLoop;

class Lookups {
 public:
  explicit Lookups(EventLoop& loop);
  ~Lookups();  // forgets calls that have not begun, and what the running one comes to
  Lookups(const Lookups&) = delete;
  Lookups& operator=(const Lookups&) = delete;

  // Runs `call` on the thread, after those before it, and what it returns on the loop. Both may outlive this object and
  // everything else: they own what they use.
  void submit(std::function<std::function<void()>()> call);

 private:
  struct State;
  static void work(const std::shared_ptr<State>& state);
  const std::shared_ptr<State> state_;
};

}  // namespace tollgate::runtime
