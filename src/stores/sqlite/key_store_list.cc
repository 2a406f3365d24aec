// Pages of keys: SqliteKeyStore::list().
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "base/str.h"
#include "stores/sqlite/key_row.h"
#include "stores/sqlite/key_store.h"

namespace tollgate::stores {
namespace {

constexpr std::size_t kMaxSearchBytes = 200;
constexpr std::size_t kMaxPage = 1000;

// What is asked for besides the place to go on from.
#define TG_KEY_FILTER                                                                                              \
  "(?3 IS NULL OR tier = ?3) AND (?4 IS NULL OR state = ?4) AND (?5 IS NULL OR consumer = ?5) "                    \
  "AND (?6 IS NULL OR name LIKE ?6 ESCAPE '\\' OR consumer LIKE ?6 ESCAPE '\\' OR substr(id, 1, length(?7)) = ?7 " \
  "OR substr(prefix || '_' || id, 1, length(?7)) = ?7 OR secret_last4 = ?7 OR old_secret_last4 = ?7) "
// The comparison with the cursor comes first and walks an index from there, so a page costs the same wherever it is.
#define TG_KEY_PAGE(place, than, direction)                                                                          \
  "SELECT " TG_KEY_COLUMNS " FROM keys WHERE (" place ", id) " than " (?1, ?2) AND " TG_KEY_FILTER "ORDER BY " place \
  " " direction ", id " direction " LIMIT ?8"
#define TG_KEY_PAGES(place) {TG_KEY_PAGE(place, "<", "DESC"), TG_KEY_PAGE(place, ">", "ASC")}

// How keys are put in order: constant texts, descending and ascending, and how their cursors begin.
struct Order {
  ports::KeySort sort;
  std::array<std::string_view, 2> pages;
  std::string_view mark;
  bool by_number;
};
constexpr auto kOrders = std::to_array<Order>({
    {ports::KeySort::created, TG_KEY_PAGES("created_at"), "", true},
    {ports::KeySort::name, TG_KEY_PAGES("name COLLATE NOCASE"), "n", false},
    {ports::KeySort::tier, TG_KEY_PAGES("tier"), "t", false},
    {ports::KeySort::consumer, TG_KEY_PAGES("consumer"), "c", false},
    {ports::KeySort::expires, TG_KEY_PAGES("coalesce(expires_at, 9223372036854775807)"), "e", true},
});

const Order& order_of(ports::KeySort sort) {
  return *std::ranges::find(kOrders, sort, &Order::sort);
}

// The last key of the page before: pages neither repeat nor skip a key, whatever is created meanwhile. Its place is a
// number or a text; before the first page it is what nothing comes before.
struct Cursor {
  std::optional<std::int64_t> number;
  std::optional<std::string> text;
  std::string id;
};

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

std::string text_of(const Order& order, const core::KeyRecord& last) {
  const auto in_hex = [&](const std::string& text) { return str::to_hex(text); };
  const auto number = [](WallTime time) { return time.time_since_epoch().count(); };
  std::string place;
  switch (order.sort) {
    case ports::KeySort::created: place = str::cat(number(last.created_at)); break;
    case ports::KeySort::name: place = in_hex(last.name); break;
    case ports::KeySort::tier: place = in_hex(last.tier); break;
    case ports::KeySort::consumer: place = in_hex(last.consumer); break;
    case ports::KeySort::expires: place = str::cat(last.expires_at ? number(*last.expires_at) : kNever); break;
  }
  return str::cat(order.mark, place, "-", last.id.view());
}

std::optional<std::string> from_hex(std::string_view hex) {
  std::string text;
  if (hex.size() % 2 != 0) return std::nullopt;
  for (; !hex.empty(); hex.remove_prefix(2)) {
    const std::string_view pair = hex.substr(0, 2);
    unsigned byte = 0;
    const auto [end, failure] = std::from_chars(pair.data(), pair.data() + 2, byte, 16);
    if (failure != std::errc() || end != pair.data() + 2) return std::nullopt;
    text.push_back(static_cast<char>(byte));
  }
  return text;
}

Result<Cursor> parse_cursor(const Order& order, bool ascending, std::string_view text) {
  // Behind every id, or before.
  const std::string edge = ascending ? "" : "~";
  if (text.empty()) {
    if (order.by_number) return Cursor{.number = ascending ? -1 : kNever, .text = {}, .id = edge};
    return Cursor{.number = {}, .text = ascending ? std::optional(std::string()) : std::nullopt, .id = edge};
  }
  const std::size_t dash = text.rfind('-');
  if (text.starts_with(order.mark) && dash != std::string_view::npos && dash >= order.mark.size()) {
    const std::string_view place = text.substr(order.mark.size(), dash - order.mark.size());
    const auto number = order.by_number ? str::parse_int<std::int64_t>(place) : std::nullopt;
    const auto name = order.by_number ? std::nullopt : from_hex(place);
    const auto id = core::KeyId::parse(text.substr(dash + 1));
    if ((number || name) && id) return Cursor{.number = number, .text = name, .id = std::string(id->view())};
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

// A filter as the statements take it.
struct Asked {
  std::optional<std::string> tier, consumer;
  std::optional<int> state;
  std::optional<std::string> pattern;
  std::string search;
};

Asked read_filter(const ports::KeyFilter& filter) {
  Asked asked;
  // A name that breaks the rule is the name of no tier, and finds nothing.
  if (!filter.tier.empty()) asked.tier = core::parse_tier_name(filter.tier).value_or("");
  if (!filter.consumer.empty()) asked.consumer = filter.consumer;
  asked.state = filter.state.transform([](core::KeyState value) { return static_cast<int>(value); });
  if (!filter.search.empty()) asked.pattern = like_pattern(filter.search);
  asked.search = filter.search;
  return asked;
}

template <class Place>
void bind_page(Statement& select, const Place& place, const Cursor& cursor, const Asked& asked, std::size_t limit) {
  select.bind(place, cursor.id, asked.tier, asked.state, asked.consumer, asked.pattern, asked.search, limit);
}

Result<std::uint64_t> count_keys(Database& database, const Asked& asked) {
  TG_TRY(Statement count, database.prepare("SELECT count(*) FROM keys WHERE (?1 IS NULL OR tier = ?1) "
                                           "AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR consumer = ?3)"));
  count.bind(asked.tier, asked.state, asked.consumer);
  TG_TRY([[maybe_unused]] const bool counted, count.step());
  const std::uint64_t total = count.unsigned_integer(0);
  count.reset();
  return total;
}

}  // namespace

Result<ports::KeyPage> SqliteKeyStore::list(const ports::KeyFilter& filter) {
  if (filter.search.size() > kMaxSearchBytes) return fail(codes::invalid_parameter, "search: longer than 200 bytes");
  const Order& order = order_of(filter.sort);
  TG_TRY(const Cursor cursor, parse_cursor(order, filter.ascending, filter.cursor));
  const std::size_t limit = std::clamp<std::size_t>(filter.limit, 1, kMaxPage);
  const Asked asked = read_filter(filter);

  return database_.read([&](Database& database) -> Result<ports::KeyPage> {
    TG_TRY(Statement select, database.prepare(order.pages[filter.ascending ? 1 : 0]));
    // One more than asked for tells whether another page follows.
    if (cursor.number) {
      bind_page(select, *cursor.number, cursor, asked, limit + 1);
    } else if (cursor.text) {
      bind_page(select, *cursor.text, cursor, asked, limit + 1);
    } else {
      bind_page(select, Blob{}, cursor, asked, limit + 1);  // behind every text
    }
    TG_TRY(auto records, read_all(select));
    ports::KeyPage page;
    if (records.size() > limit) {
      records.resize(limit);
      page.next_cursor = text_of(order, records.back());
    }
    page.keys = std::move(records);
    if (filter.cursor.empty() && filter.search.empty()) {
      TG_TRY(page.total, count_keys(database, asked));
    }
    return page;
  });
}

}  // namespace tollgate::stores
