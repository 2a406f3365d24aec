// An upstream that holds its first request: the test stands in the middle of it, and says how it goes on.
//
// Thread safety: the test's thread only.
#pragma once

#include <future>
#include <optional>
#include <string>

#include "tests/support/recording_upstream.h"

namespace tollgate::testing {

class HeldUpstream {
 public:
  // With an answer, it is sent once the test says so; without one, never: the upstream waits for the other side's end.
  explicit HeldUpstream(std::optional<std::string> answer = std::nullopt);

  std::uint16_t port() const { return recording_.port(); }
  void wait_for_request() { running_.get_future().wait(); }
  void answer() { go_on_.set_value(); }
  // Whether the gateway has let go of the connection, within ten seconds.
  bool wait_until_left() const;

 private:
  std::promise<void> running_;
  std::promise<void> go_on_;
  RecordingUpstream recording_;
};

}  // namespace tollgate::testing
