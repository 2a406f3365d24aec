#include "stores/sqlite/audit_log.h"

#include <algorithm>
#include <cstring>

#include "base/str.h"
#include "codec/audit/audit_json.h"

namespace tollgate::stores {
namespace {

#define TG_AUDIT_COLUMNS "seq, time, actor, via, network, action, object, before, after, reason, hash"
// What is asked for, after a driver's own condition.
#define TG_AUDIT_FILTER                                                                                          \
  "(?1 IS NULL OR actor = ?1) AND (?2 IS NULL OR action = ?2 OR substr(action, 1, length(?2) + 1) = ?2 || '.') " \
  "AND (?3 IS NULL OR object = ?3 OR substr(object, 1, length(?3) + 1) = ?3 || ':') "                            \
  "AND (?4 IS NULL OR time >= ?4) AND (?5 IS NULL OR time < ?5) "
#define TG_AUDIT_SELECT "SELECT " TG_AUDIT_COLUMNS " FROM audit WHERE "

constexpr std::string_view kNewestFirst = TG_AUDIT_SELECT "seq < ?6 AND " TG_AUDIT_FILTER "ORDER BY seq DESC LIMIT ?7";
constexpr std::string_view kOldestFirst = TG_AUDIT_SELECT "seq > ?6 AND " TG_AUDIT_FILTER "ORDER BY seq LIMIT ?7";
// One object's history, or one person's, is found by its index however long the log is.
constexpr std::string_view kOfObject =
    TG_AUDIT_SELECT "object = ?3 AND seq < ?6 AND " TG_AUDIT_FILTER "ORDER BY seq DESC LIMIT ?7";
constexpr std::string_view kOfActor =
    TG_AUDIT_SELECT "actor = ?1 AND seq < ?6 AND " TG_AUDIT_FILTER "ORDER BY seq DESC LIMIT ?7";

constexpr std::int64_t kBeyondAll = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kMaxPage = 1000;

ports::AuditHash read_hash(std::string_view bytes) {
  ports::AuditHash hash{};
  std::memcpy(hash.data(), bytes.data(), std::min(bytes.size(), hash.size()));
  return hash;
}

ports::AuditEntry read_entry(const Statement& row) {
  const auto text = [&](int column) { return std::string(row.text(column)); };
  return {.seq = row.unsigned_integer(0),
          .time = row.time(1),
          .what = {.actor = text(2),
                   .via = text(3),
                   .network = text(4),
                   .action = text(5),
                   .object = text(6),
                   .before = text(7),
                   .after = text(8),
                   .reason = text(9)},
          .hash = read_hash(row.blob(10))};
}

struct Last {
  std::uint64_t seq = 0;
  ports::AuditHash hash{};
};

Result<Last> last_entry(Database& database) {
  TG_TRY(Statement last, database.prepare("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1"));
  TG_TRY(const bool found, last.step());
  if (!found) return Last{};
  const Last entry{.seq = last.unsigned_integer(0), .hash = read_hash(last.blob(1))};
  last.reset();
  return entry;
}

std::string_view statement_for(const ports::AuditFilter& filter) {
  if (filter.oldest_first) return kOldestFirst;
  if (filter.object.find(':') != std::string::npos) return kOfObject;
  return filter.actor.empty() ? kNewestFirst : kOfActor;
}

Result<std::vector<ports::AuditEntry>> read_entries(Database& database, const ports::AuditFilter& filter,
                                                    std::size_t limit) {
  const auto asked = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
  const std::int64_t start = filter.after_seq > 0  ? static_cast<std::int64_t>(filter.after_seq)
                             : filter.oldest_first ? 0
                                                   : kBeyondAll;
  TG_TRY(Statement select, database.prepare(statement_for(filter)));
  select.bind(asked(filter.actor), asked(filter.action), asked(filter.object), filter.from, filter.to, start, limit);
  std::vector<ports::AuditEntry> entries;
  auto done = select.each([&](const Statement& row) { entries.push_back(read_entry(row)); });
  if (!done) return std::unexpected(std::move(done).error());
  return entries;
}

// Goes on from what `verdict` has seen. False: that was all.
Result<bool> verify_next(Database& database, ports::AuditVerdict& verdict, std::uint64_t& last_seq) {
  TG_TRY(const auto entries,
         read_entries(database, {.actor = {}, .action = {}, .object = {}, .oldest_first = true, .after_seq = last_seq},
                      kMaxPage));
  for (const ports::AuditEntry& entry : entries) {
    const bool follows = entry.seq == last_seq + 1 && codec::audit_hash(verdict.head, entry) == entry.hash;
    if (!follows && !verdict.first_broken) verdict.first_broken = entry.seq;
    ++verdict.entries;
    verdict.head = entry.hash;
    last_seq = entry.seq;
  }
  return entries.size() == kMaxPage;
}

}  // namespace

Result<void> append_audit(Database& database, const ports::AuditDraft* draft, WallTime now) {
  if (draft == nullptr) return {};
  TG_TRY(const Last last, last_entry(database));
  ports::AuditEntry entry{.seq = last.seq + 1, .time = std::chrono::floor<Millis>(now), .what = *draft, .hash = {}};
  entry.hash = codec::audit_hash(last.hash, entry);
  TG_TRY(Statement add, database.prepare("INSERT INTO audit (" TG_AUDIT_COLUMNS
                                         ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"));
  const std::string_view hash(reinterpret_cast<const char*>(entry.hash.data()), entry.hash.size());
  return add.run(entry.seq, entry.time, draft->actor, draft->via, draft->network, draft->action, draft->object,
                 draft->before, draft->after, draft->reason, Blob{hash});
}

Result<void> SqliteAuditLog::append(const ports::AuditDraft& draft) {
  return database_.write(
      [&](Database& database) { return append_audit(database, &draft, database_.clock().wall_now()); });
}

Result<ports::AuditPage> SqliteAuditLog::list(const ports::AuditFilter& filter) {
  const std::size_t limit = std::clamp<std::size_t>(filter.limit, 1, kMaxPage);
  return database_.read([&](Database& database) -> Result<ports::AuditPage> {
    ports::AuditPage page;
    // One more than asked for tells whether another page follows.
    TG_TRY(page.entries, read_entries(database, filter, limit + 1));
    if (page.entries.size() > limit) {
      page.entries.resize(limit);
      page.next = page.entries.back().seq;
    }
    return page;
  });
}

// A thousand at a time: nobody's write waits, and no read lasts.
Result<ports::AuditVerdict> SqliteAuditLog::verify() {
  ports::AuditVerdict verdict;
  std::uint64_t last_seq = 0;
  for (bool more = true; more;) {
    TG_TRY(more, database_.read([&](Database& database) { return verify_next(database, verdict, last_seq); }));
  }
  return verdict;
}

Result<ports::AuditVerdict> SqliteAuditLog::verify_file(const std::string& path) {
  TG_TRY(Database database, Database::open(path, {.reader = true}));
  ports::AuditVerdict verdict;
  std::uint64_t last_seq = 0;
  for (bool more = true; more;) {
    TG_TRY(more, verify_next(database, verdict, last_seq));
  }
  return verdict;
}

}  // namespace tollgate::stores
