// A thread that does what has to be done about once a second.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/clock.h"

namespace tollgate::cli {

class Maintenance {
 public:
  // Calls `work` every `interval` until destroyed.
  Maintenance(Millis interval, std::function<void()> work);
  ~Maintenance();
  Maintenance(const Maintenance&) = delete;
  Maintenance& operator=(const Maintenance&) = delete;

 private:
  void run();

  const Millis interval_;
  const std::function<void()> work_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tollgate::cli
