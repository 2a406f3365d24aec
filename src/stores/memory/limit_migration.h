// Carrying levels over to new numbers, for threads that are not event loops.
//
// Thread safety: as the store's: any thread.
#pragma once

#include <functional>
#include <span>

#include "base/task.h"
#include "ports/limit_store.h"
#include "runtime/loop_thread.h"

namespace tollgate::stores {

struct LimitMigration {
  core::LimitCheck from;
  core::LimitCheck to;
};

// Blocks. Returns how many were carried over, counted from the front: fewer than all when the store could not do the
// next one. Carrying one over again does no harm.
using MigrateLimits = std::function<std::size_t(std::span<const LimitMigration>)>;

// For a store in this process, which never suspends.
MigrateLimits migrate_inline(ports::LimitStore& store);
// For a store that waits: its tasks run on that loop. Not to be called from the loop's own thread.
MigrateLimits migrate_on(runtime::LoopThread& loop, ports::LimitStore& store);

}  // namespace tollgate::stores
