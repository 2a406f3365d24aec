// The requests that admin.db remembers, by what marked them. Each function belongs into the transaction that makes the
// request's change. A null mark: the request may be done again, and is not remembered.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "ports/key_store.h"
#include "stores/sqlite/database.h"

namespace tollgate::stores {

// What a request with this mark changed; nothing when there was none, or it is forgotten. Fails with conflict when it
// was another request.
Result<std::optional<std::string>> find_done(Database& database, const ports::RequestMark& mark, WallTime now);
// Fails with conflict when there is such a request.
Result<void> expect_new(Database& database, const ports::RequestMark* mark, WallTime now);
// Remembers one, and forgets those whose time is over.
Result<void> note_done(Database& database, const ports::RequestMark* mark, std::string_view changed, WallTime now);

}  // namespace tollgate::stores
