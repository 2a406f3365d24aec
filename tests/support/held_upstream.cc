#include "tests/support/held_upstream.h"

#include <chrono>

namespace tollgate::testing {

HeldUpstream::HeldUpstream(std::optional<std::string> answer)
    : recording_([this, answer = std::move(answer)](RecordingUpstream::Peer& peer) {
        peer.read_request();
        running_.set_value();
        if (!answer) return peer.wait_for_end();
        go_on_.get_future().wait_for(std::chrono::seconds(10));  // a test that failed before it does not hang
        peer.send(*answer);
        peer.wait_for_end();
      }) {}

bool HeldUpstream::wait_until_left() const {
  return recording_.wait_until([&] { return recording_.open_connections() == 0; });
}

}  // namespace tollgate::testing
