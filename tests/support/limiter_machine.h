// For the tests of restarts: one machine, with processes that come and go on it. A kill is played by dropping the store
// (nothing in its destructor writes) and opening its directory again.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "stores/memory/memory_limit_store.h"
#include "tests/support/run_now.h"
#include "tests/support/temp_dir.h"

namespace tollgate::stores {

inline constexpr std::uint64_t kToken = 1'000'000;
inline constexpr std::size_t kCells = 1u << 12;

class Machine {
 public:
  Machine() { start(); }

  void start(std::size_t max_bytes = 1u << 20) {
    store.reset();
    store = std::move(*MemoryLimitStore::open(
        clock,
        {.max_bytes = max_bytes,
         .directory = directory.path(),
         .host = [this] { return HostMoment{boot, Nanos(clock.mono_now().time_since_epoch()), clock.wall_now()}; },
         .drain_cells = kCells}));
  }
  void kill(Nanos down = Nanos(0)) {
    store.reset();
    clock.advance(down);
    start();
  }
  void stop_cleanly(Nanos down = Nanos(0)) {
    ASSERT_TRUE(store->close().has_value());
    kill(down);
  }
  void reboot() { boot[0] = static_cast<char>(boot[0] + 1); }
  bool admits(const core::LimitCheck& check) { return store->decide({&check, 1}, {}).allowed; }
  std::uint64_t level(const core::LimitCheck& check) { return testing::run_now(store->read(check)).value().remaining; }
  std::string file(const std::string& name) const { return directory.file(name); }

  ManualClock clock;
  testing::TempDir directory{testing::fast_parent()};
  std::array<char, 36> boot{'b'};
  std::unique_ptr<MemoryLimitStore> store;
};

inline core::LimitCheck check_of(const core::TokenBucket& rule, std::uint64_t key, std::uint64_t cost = 1) {
  return {.rule = &rule, .bucket = hash_tuple({std::to_string(key)}, 4), .cost = cost, .created = {}, .shadow = false};
}

}  // namespace tollgate::stores
