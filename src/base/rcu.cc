#include "base/rcu.h"

#include <thread>
#include <utility>

#include "base/assert.h"

namespace tollgate {

RcuDomain& RcuDomain::instance() {
  // Never destroyed: threads that outlive main's statics may still give their slot back.
  static RcuDomain* const domain = new RcuDomain;
  return *domain;
}

RcuDomain::Slot& RcuDomain::slot_of_this_thread() {
  struct Lease {
    Slot* slot = nullptr;
    Lease() = default;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() {
      if (slot != nullptr) slot->taken.store(false, std::memory_order_release);
    }
  };
  thread_local Lease lease;
  if (lease.slot != nullptr) return *lease.slot;
  for (Slot& slot : slots_) {
    bool expected = false;
    if (slot.taken.compare_exchange_strong(expected, true, std::memory_order_acq_rel)) {
      lease.slot = &slot;
      return slot;
    }
  }
  assertion_failed("fewer than RcuDomain::kMaxThreads threads read at once", __FILE__, __LINE__);
}

void RcuDomain::retire(std::function<void()> reclaim) {
  std::unique_lock lock(mutex_);
  retired_.push_back({epoch_.fetch_add(1, std::memory_order_seq_cst), std::move(reclaim)});
  reclaim_ready(lock);
}

void RcuDomain::reclaim_ready(std::unique_lock<std::mutex>& lock) {
  // A reader that entered at epoch e may hold anything retired at e or later.
  std::uint64_t oldest = epoch_.load(std::memory_order_seq_cst);
  for (const Slot& slot : slots_) {
    const std::uint64_t reading = slot.epoch.load(std::memory_order_seq_cst);
    if (reading != 0 && reading < oldest) oldest = reading;
  }
  std::vector<Retired> ready;
  std::erase_if(retired_, [&](Retired& item) {
    if (item.epoch >= oldest) return false;
    ready.push_back(std::move(item));
    return true;
  });
  lock.unlock();
  for (Retired& item : ready) item.reclaim();
  lock.lock();
}

void RcuDomain::drain() {
  std::unique_lock lock(mutex_);
  while (!retired_.empty()) {
    reclaim_ready(lock);
    if (retired_.empty()) return;
    lock.unlock();
    std::this_thread::yield();
    lock.lock();
  }
}

}  // namespace tollgate
