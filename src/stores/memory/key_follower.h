// Keeps a KeyTable up to date: asks a feed for changes on a thread of its own, five times a second, and applies them.
//
// When the feed fails, the table stays as it is and grows stale; the follower asks again after a wait that doubles from
// the interval up to two seconds, half of it random, so that gateways do not come back all at once.
//
// Thread safety: all methods from any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "ports/key_store.h"
#include "stores/memory/key_book.h"

namespace tollgate::stores {

class KeyFollower {
 public:
  struct Options {
    KeyBook::Options book;
    Millis interval{200};
    std::size_t page = 10'000;        // changes asked for at once
    std::string service = "gateway";  // whose log lines these are
  };
  // All three outlive the follower.
  KeyFollower(ports::KeyFeed& feed, KeyTable& table, const Clock& clock, Options options);
  ~KeyFollower();  // stops; waits for a call of the feed that is under way
  KeyFollower(const KeyFollower&) = delete;
  KeyFollower& operator=(const KeyFollower&) = delete;

  void start();
  // Asks and applies on the caller's thread until nothing is left: afterwards every change that the feed had when this
  // was called is in force. Fails when the feed did, or when a level could not be carried over (limiter_unavailable).
  Result<void> follow_once();
  // True after the first full load.
  bool ready() const { return table_.ready(); }

 private:
  void run();
  Result<void> take_all_pages();
  void note(const Result<void>& outcome);
  Nanos wait_after(const Result<void>& outcome);
  bool stopping();

  ports::KeyFeed& feed_;
  KeyTable& table_;
  const Clock& clock_;
  const Options options_;

  std::mutex round_;  // one round at a time; guards what follows
  KeyBook book_;
  std::uint64_t revision_ = 0;
  std::size_t reported_kept_out_ = 0;
  bool failing_ = false;

  std::mutex wake_mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
  Nanos back_off_{0};  // the thread's own
};

// How long to wait after one more failure: twice the last wait, between `least` and two seconds.
Nanos next_back_off(Nanos last, Nanos least);

}  // namespace tollgate::stores
