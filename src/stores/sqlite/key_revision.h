// The counter of admin.db that numbers every change of keys and tiers, and the check that a writer saw the latest
// state.
#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "core/access/api_key.h"
#include "stores/sqlite/database.h"

namespace tollgate::stores {

enum class RemovedKind : std::uint8_t { key, tier };

Result<std::uint64_t> latest_revision(Database& database);
// Takes the next number. Within the transaction of the change that it numbers.
Result<std::uint64_t> next_revision(Database& database);

// Fails with precondition_failed, naming the current revision, when one is expected and it is another.
Result<void> check_revision(std::uint64_t current, std::optional<std::uint64_t> expected);

// Leaves, or takes away, the trace by which followers hear of a removal.
Result<void> note_removal(Database& database, RemovedKind kind, std::string_view name);
Result<void> forget_removal(Database& database, RemovedKind kind, std::string_view name);

}  // namespace tollgate::stores
