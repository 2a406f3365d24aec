// What happens, as it happens, over HTTP: server-sent events of each second's totals, and of single records.
#pragma once

#include "http/router.h"
#include "ports/names.h"
#include "services/analytics/live_feed.h"
#include "services/analytics/tail.h"

namespace tollgate::services {

// Thread safety: endpoints on any loop.
class LiveEndpoints {
 public:
  struct Dependencies {
    LiveFeed& feed;
    Tail& tail;
    const ports::NameDirectory& names;
    http::Guard guard;
  };

  explicit LiveEndpoints(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}
  void add_to(http::Router& router);

 private:
  Task<void> live(http::Request& request);
  Task<void> tail(http::Request& request);
  Result<std::uint64_t> first_wanted(const http::Request& request);
  std::string second_event(const LiveSecond& second) const;
  std::string tail_events(const TailQueue::Taken& taken) const;

  Dependencies dependencies_;
};

}  // namespace tollgate::services
