// What admin.db keeps of requests: what marked them, by which it knows them again, and what they changed. Each function
// belongs into the transaction that makes the request's change. A null mark: the request may be done again, and is not
// remembered.
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
// What goes with a change of `changed`: the request's mark, remembered while those whose time is over are forgotten,
// and its entry in the audit log.
Result<void> note_write(Database& database, const ports::WriteNote& note, std::string_view changed, WallTime now);

}  // namespace tollgate::stores
