// To whom keys belong: SqliteKeyStore::consumers().
#include <algorithm>

#include "stores/sqlite/key_store.h"

namespace tollgate::stores {

Result<std::vector<ports::Consumer>> SqliteKeyStore::consumers(const ports::ConsumerFilter& filter) {
  if (filter.search.size() > 200) return fail(codes::invalid_parameter, "search: longer than 200 bytes");
  return database_.read([&](Database& database) -> Result<std::vector<ports::Consumer>> {
    // instr() knows no wildcards; lower() folds ASCII, as the search of keys does.
    TG_TRY(Statement select, database.prepare("SELECT consumer, count(*) FROM keys WHERE consumer > ?1 "
                                              "AND (?2 = '' OR instr(lower(consumer), lower(?2)) > 0) "
                                              "GROUP BY consumer ORDER BY consumer LIMIT ?3"));
    select.bind(filter.after, filter.search, std::clamp<std::size_t>(filter.limit, 1, 1001));
    std::vector<ports::Consumer> all;
    auto done = select.each([&](const Statement& row) {
      all.push_back({.name = std::string(row.text(0)), .keys = row.unsigned_integer(1)});
    });
    if (!done) return std::unexpected(std::move(done).error());
    return all;
  });
}

}  // namespace tollgate::stores
