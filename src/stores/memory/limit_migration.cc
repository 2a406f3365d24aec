#include "stores/memory/limit_migration.h"

#include <exception>
#include <optional>

#include "base/assert.h"

namespace tollgate::stores {

namespace {

Task<std::size_t> migrate_each(ports::LimitStore& store, std::span<const LimitMigration> migrations) {
  for (std::size_t done = 0; done < migrations.size(); ++done) {
    const Result<void> migrated = co_await store.migrate(migrations[done].from, migrations[done].to);
    if (!migrated) co_return done;
  }
  co_return migrations.size();
}

// A coroutine that starts at once and is awaited by nobody.
struct Detached {
  struct promise_type {
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

Detached run_into(Task<std::size_t> task, std::optional<std::size_t>& result) {
  const std::size_t value = co_await task;
  result = value;
}

}  // namespace

MigrateLimits migrate_inline(ports::LimitStore& store) {
  return [&store](std::span<const LimitMigration> migrations) {
    std::optional<std::size_t> done;
    run_into(migrate_each(store, migrations), done);
    TG_ASSERT(done.has_value());  // the store suspended: it needs migrate_on()
    return *done;
  };
}

MigrateLimits migrate_on(runtime::LoopThread& loop, ports::LimitStore& store) {
  return [&loop, &store](std::span<const LimitMigration> migrations) {
    return loop.await([&store, migrations] { return migrate_each(store, migrations); });
  };
}

}  // namespace tollgate::stores
