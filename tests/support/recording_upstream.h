// An upstream that remembers every byte it was sent, connection by connection, and answers what a test tells it to:
// raw bytes, also such as no server should send, at the moment the test chooses.
//
// Listens on a free loopback port. Each connection has a thread, on which the behaviour runs; blocking reads give up
// after ten seconds. Thread safety: all methods from any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/ip.h"
#include "tests/support/fake_server.h"

namespace tollgate::testing {

class RecordingUpstream {
 public:
  // One accepted connection.
  class Peer {
   public:
    // The next request with its whole body (chunks are put together); nothing at the end of the stream.
    std::optional<FakeRequest> read_request();
    // A request's head alone, with an empty body.
    std::optional<FakeRequest> read_head();
    // What has arrived beyond that, at least one byte; empty at the end of the stream.
    std::string read_some();
    // False when the other side is gone.
    bool send(std::string_view bytes);
    void shutdown_write();
    void reset();  // the other side sees RST
    void wait_for_end();
    // Waits for anything more of the other side, its end above all: whether it came in that time.
    bool ended_within(Millis time);
    std::size_t number() const { return number_; }  // 0 for the first connection
    std::size_t bytes() const;                      // received so far

   private:
    friend class RecordingUpstream;
    Peer(RecordingUpstream& upstream, UniqueFd fd, std::size_t number);
    bool fill();
    std::optional<FakeRequest> parse_head();

    RecordingUpstream& upstream_;
    UniqueFd fd_;
    std::size_t number_;
    std::string unread_;
  };
  // Serves one connection; it is closed when this returns.
  using Behaviour = std::function<void(Peer&)>;

  // Answers each request with `answer` until the other side closes.
  static Behaviour always(std::string answer);

  explicit RecordingUpstream(Behaviour behaviour);
  ~RecordingUpstream();
  RecordingUpstream(const RecordingUpstream&) = delete;
  RecordingUpstream& operator=(const RecordingUpstream&) = delete;

  std::uint16_t port() const { return port_; }
  // For connections accepted from now on.
  void set_behaviour(Behaviour behaviour);

  std::size_t connections() const;
  std::size_t open_connections() const;
  std::size_t bytes() const;                  // received on all of them
  std::vector<std::string> received() const;  // by connection, the first MiB of each
  std::vector<FakeRequest> requests() const;  // those that were read
  // Whether it comes true within ten seconds.
  bool wait_until(const std::function<bool()>& holds) const;

 private:
  void accept_all();

  std::uint16_t port_ = 0;
  UniqueFd listener_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Behaviour behaviour_;
  std::vector<std::string> received_;
  std::vector<std::size_t> counts_;
  std::vector<FakeRequest> requests_;
  std::vector<int> open_;  // descriptors, to be woken at the end
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// A canned answer with Content-Length.
std::string ok_answer(std::string_view body, std::string_view more_lines = {});

}  // namespace tollgate::testing
