// Pages of keys: SqliteKeyStore::list().
#include <algorithm>
#include <limits>

#include "base/str.h"
#include "stores/sqlite/key_row.h"
#include "stores/sqlite/key_store.h"

namespace tollgate::stores {
namespace {

constexpr std::size_t kMaxSearchBytes = 200;
constexpr std::size_t kMaxPage = 1000;

// One constant text for every combination of filters. The comparison with the cursor comes first and walks the index
// from there, so a page costs the same wherever it is.
constexpr std::string_view kPage = "SELECT " TG_KEY_COLUMNS
                                   " FROM keys WHERE (created_at, id) < (?1, ?2) "
                                   "AND (?3 IS NULL OR tier = ?3) AND (?4 IS NULL OR state = ?4) "
                                   "AND (?5 IS NULL OR name LIKE ?5 ESCAPE '\\' OR substr(id, 1, length(?6)) = ?6) "
                                   "ORDER BY created_at DESC, id DESC LIMIT ?7";

// The last key of the page before: pages neither repeat nor skip a key, whatever is created meanwhile.
struct Cursor {
  std::int64_t created_at = std::numeric_limits<std::int64_t>::max();
  std::string id = "~";  // behind every id
};

std::string text_of(const core::KeyRecord& last) {
  return str::cat(last.created_at.time_since_epoch().count(), "-", last.id.view());
}

Result<Cursor> parse_cursor(std::string_view text) {
  if (text.empty()) return Cursor{};
  const std::size_t dash = text.rfind('-');
  if (dash != std::string_view::npos) {
    const auto created_at = str::parse_int<std::int64_t>(text.substr(0, dash));
    const auto id = core::KeyId::parse(text.substr(dash + 1));
    if (created_at && id) return Cursor{*created_at, std::string(id->view())};
  }
  return fail(codes::invalid_parameter, "cursor: not one that this list gave; start without one");
}

// "50%_off" → "%50\%\_off%"
std::string like_pattern(std::string_view part) {
  std::string pattern = "%";
  for (const char c : part) {
    if (c == '%' || c == '_' || c == '\\') pattern.push_back('\\');
    pattern.push_back(c);
  }
  return pattern + "%";
}

Result<std::vector<core::KeyRecord>> read_all(Statement& rows) {
  std::vector<core::KeyRecord> records;
  while (true) {
    TG_TRY(const bool more, rows.step());
    if (!more) return records;
    TG_TRY(core::KeyRecord record, read_key(rows));
    records.push_back(std::move(record));
  }
}

}  // namespace

Result<ports::KeyPage> SqliteKeyStore::list(const ports::KeyFilter& filter) {
  if (filter.search.size() > kMaxSearchBytes) return fail(codes::invalid_parameter, "search: longer than 200 bytes");
  TG_TRY(const Cursor cursor, parse_cursor(filter.cursor));
  const std::size_t limit = std::clamp<std::size_t>(filter.limit, 1, kMaxPage);
  // A name that breaks the rule is the name of no tier, and finds nothing.
  const auto tier = filter.tier.empty() ? std::nullopt : std::optional(core::parse_tier_name(filter.tier).value_or(""));
  const auto state = filter.state.transform([](core::KeyState value) { return static_cast<int>(value); });
  const auto pattern = filter.search.empty() ? std::nullopt : std::optional(like_pattern(filter.search));

  return database_.read([&](Database& database) -> Result<ports::KeyPage> {
    TG_TRY(Statement select, database.prepare(kPage));
    // One more than asked for tells whether another page follows.
    select.bind(cursor.created_at, cursor.id, tier, state, pattern, filter.search, limit + 1);
    TG_TRY(auto records, read_all(select));
    ports::KeyPage page;
    if (records.size() > limit) {
      records.resize(limit);
      page.next_cursor = text_of(records.back());
    }
    page.keys = std::move(records);
    return page;
  });
}

}  // namespace tollgate::stores
