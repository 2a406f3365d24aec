// The addresses of one host. At most one look-up runs at a time, for all who wait; addresses that are known serve while
// they are looked up anew, and go on serving when that fails.
//
// Thread safety: the loop's thread only. Nobody waits any more when it is destroyed; a look-up that runs is forgotten.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/ip.h"
#include "runtime/event_loop.h"
#include "runtime/killable.h"
#include "runtime/resolve.h"
#include "runtime/socket.h"

namespace tollgate::runtime {

class HostAddresses {
 public:
  // Blocks: it runs on the loop's look-up thread, and may outlive loop and all: it owns what it uses. The answer holds
  // at least one address.
  using LookUp = std::function<Result<std::vector<IpAddress>>(const std::string& host)>;
  struct Options {
    std::string host;  // a number needs no look-up
    LookUp look_up = look_up_host;
    Nanos valid = Seconds(5);  // older addresses are looked up anew
  };
  HostAddresses(EventLoop& loop, Options options);
  ~HostAddresses();
  HostAddresses(const HostAddresses&) = delete;
  HostAddresses& operator=(const HostAddresses&) = delete;

  // Begins a look-up if there are no addresses, or old ones, and none is under way.
  void refresh();
  bool looking_up() const { return looking_up_; }
  // The last known; none before a look-up has succeeded.
  const std::vector<IpAddress>& known() const { return known_; }
  // Why the last look-up failed, if it did.
  const std::optional<Error>& failure() const { return failure_; }

  // co_await wait: until the look-up under way has ended (ok), the deadline, or kill().
  class Wait final : public Killable, private Deadline {
   public:
    Wait(HostAddresses& owner, MonoTime deadline);
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;
    ~Wait() override;
    bool await_ready() const noexcept { return ended_; }
    void await_suspend(std::coroutine_handle<> waiting) noexcept { waiting_ = waiting; }
    IoStatus await_resume() const noexcept { return status_; }
    void kill() override { end(IoStatus::cancelled); }

   private:
    friend class HostAddresses;
    void on_deadline() override { end(IoStatus::timed_out); }
    void end(IoStatus status);

    HostAddresses& owner_;
    std::coroutine_handle<> waiting_;
    IoStatus status_ = IoStatus::ok;
    bool ended_ = false;
  };

 private:
  struct Link;
  void finished(Result<std::vector<IpAddress>> found);

  EventLoop& loop_;
  const Options options_;
  std::vector<IpAddress> known_;
  std::optional<Error> failure_;
  MonoTime known_since_{};
  bool is_number_ = false;
  bool looking_up_ = false;
  std::vector<Wait*> waits_;
  std::shared_ptr<Link> link_;
};

}  // namespace tollgate::runtime
