#include "cli/maintenance.h"

#include <utility>

#include "base/background.h"

namespace tollgate::cli {

Maintenance::Maintenance(Millis interval, std::function<void()> work) : interval_(interval), work_(std::move(work)) {
  thread_ = std::thread([this] { run(); });
}

Maintenance::~Maintenance() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Maintenance::run() {
  run_in_background("maintenance");
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, interval_, [this] { return stopping_; })) {
    lock.unlock();
    work_();
    lock.lock();
  }
}

}  // namespace tollgate::cli
