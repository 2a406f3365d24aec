// What usage.db takes on disk: measures it, gives back what is free, and says how much has to go.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "ports/usage_store.h"
#include "stores/sqlite/database.h"
#include "stores/sqlite/usage_job.h"

namespace tollgate::stores {

// Thread safety: stats() from any thread, everything else from one at a time. `database` is a connection of its own.
class UsageSpace {
 public:
  UsageSpace(Database& database, SharedWriter writer, std::uint64_t max_bytes)
      : database_(database), writer_(writer), max_bytes_(max_bytes) {}

  Result<void> measure();
  // As measured last.
  ports::UsageStorage stats() const {
    return {.bytes = bytes_.load(std::memory_order_relaxed),
            .free_bytes = free_.load(std::memory_order_relaxed),
            .max_bytes = max_bytes_};
  }
  // Bytes of what is in use that have to go; what comes in within seconds finds room too.
  std::uint64_t excess() const;
  // Takes a few free pages off the file's end, once so many are free that it is worth it. False: it was not.
  Result<bool> shrink();

 private:
  Database& database_;
  SharedWriter writer_;
  const std::uint64_t max_bytes_;
  std::uint64_t page_bytes_ = 0;
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::uint64_t> free_{0};
};

}  // namespace tollgate::stores
