// Read-copy-update: readers follow an atomic pointer without locks; writers replace what it points to and free the old
// value only when no reader can still hold it.
//
// Use: `RcuReadGuard guard(domain);` for as long as a pointer read from an RcuPointer is in use, without suspending a
// coroutine in between. A guard costs two stores to the thread's own cache line. Writers serialise among themselves.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

namespace tollgate {

// Thread safety: all methods from any thread. At most kMaxThreads threads may ever hold guards at once; threads that
// end give their slot back.
class RcuDomain {
 public:
  static constexpr std::size_t kMaxThreads = 256;

  // The one domain of the process. Reclamation has no state worth isolating, and a thread has one slot.
  static RcuDomain& instance();

  // Runs `reclaim` once every guard that exists now is gone; perhaps at once, perhaps in a later call of retire().
  void retire(std::function<void()> reclaim);
  // Blocks until everything retired so far is reclaimed. For tests and shutdown; never on a worker.
  void drain();

 private:
  friend class RcuReadGuard;
  struct alignas(64) Slot {
    std::atomic<std::uint64_t> epoch{0};  // 0: not reading
    std::atomic<bool> taken{false};
    std::uint32_t depth = 0;  // owner thread only
  };
  struct Retired {
    std::uint64_t epoch;
    std::function<void()> reclaim;
  };

  Slot& slot_of_this_thread();
  void reclaim_ready(std::unique_lock<std::mutex>& lock);

  std::array<Slot, kMaxThreads> slots_;
  std::atomic<std::uint64_t> epoch_{1};
  std::mutex mutex_;
  std::vector<Retired> retired_;
};

class RcuReadGuard {
 public:
  RcuReadGuard() : slot_(RcuDomain::instance().slot_of_this_thread()) {
    if (slot_.depth++ == 0) {
      slot_.epoch.store(RcuDomain::instance().epoch_.load(std::memory_order_acquire), std::memory_order_seq_cst);
    }
  }
  ~RcuReadGuard() {
    if (--slot_.depth == 0) slot_.epoch.store(0, std::memory_order_release);
  }
  RcuReadGuard(const RcuReadGuard&) = delete;
  RcuReadGuard& operator=(const RcuReadGuard&) = delete;

 private:
  RcuDomain::Slot& slot_;
};

// An owning pointer to an immutable value. load() under a guard; replace() from any thread.
template <class T>
class RcuPointer {
 public:
  RcuPointer() = default;
  explicit RcuPointer(const T* value) : value_(value) {}
  ~RcuPointer() { delete value_.load(std::memory_order_relaxed); }
  RcuPointer(const RcuPointer&) = delete;
  RcuPointer& operator=(const RcuPointer&) = delete;

  const T* load() const { return value_.load(std::memory_order_seq_cst); }
  void replace(const T* next) {
    const T* old = value_.exchange(next, std::memory_order_seq_cst);
    if (old != nullptr) RcuDomain::instance().retire([old] { delete old; });
  }

 private:
  std::atomic<const T*> value_{nullptr};
};

}  // namespace tollgate
