// The creations that admin.db remembers, by what marked them. Each function belongs into the transaction that creates.
#pragma once

#include <optional>

#include "base/error.h"
#include "ports/key_store.h"
#include "stores/sqlite/database.h"

namespace tollgate::stores {

// The key that a creation with this mark made; nothing when there was none, or it is forgotten. Fails with conflict
// when it asked for another document.
Result<std::optional<core::KeyId>> find_creation(Database& database, const ports::CreationMark& mark, WallTime now);
// Remembers one, and forgets those whose time is over.
Result<void> note_creation(Database& database, const ports::CreationMark& mark, core::KeyId made, WallTime now);

}  // namespace tollgate::stores
