#include "stores/sqlite/usage_posts.h"

#include <string>
#include <string_view>

#include "base/str.h"
#include "core/usage/record_batch.h"

namespace tollgate::stores {
namespace {

// Few enough that nobody waits long for the connection.
constexpr std::int64_t kForgottenAtOnce = 4096;

constexpr std::string_view kNote = R"(
  INSERT INTO post VALUES (?1, ?2, ?3, ?4, ?5)
  ON CONFLICT DO UPDATE SET document = excluded.document, events = excluded.events, expires_at = excluded.expires_at)";

// A row comes back when the event is new, or its time was over.
constexpr std::string_view kNoteEvent = R"(
  INSERT INTO event_id VALUES (?1, ?2)
  ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at WHERE expires_at <= ?3 RETURNING 1)";

constexpr std::string_view kForgetPosts = R"(
  DELETE FROM post WHERE (caller, mark) IN (SELECT caller, mark FROM post WHERE expires_at <= ?1 LIMIT ?2) RETURNING 1)";

constexpr std::string_view kForgetEvents = R"(
  DELETE FROM event_id WHERE id IN (SELECT id FROM event_id WHERE expires_at <= ?1 LIMIT ?2) RETURNING 1)";

template <std::size_t n>
Blob blob_of(const std::array<std::uint8_t, n>& digest) {
  return {.bytes = {reinterpret_cast<const char*>(digest.data()), digest.size()}};
}

Result<std::uint64_t> count_rows(Statement& bound) {
  std::uint64_t rows = 0;
  auto done = bound.each([&](const Statement&) { ++rows; });
  if (!done) return std::unexpected(std::move(done).error());
  return rows;
}

}  // namespace

Result<UsagePosts> UsagePosts::open(Database& database) {
  TG_TRY(auto find, database.prepare("SELECT document, events FROM post "
                                     "WHERE caller = ?1 AND mark = ?2 AND expires_at > ?3"));
  TG_TRY(auto note, database.prepare(kNote));
  TG_TRY(auto note_event, database.prepare(kNoteEvent));
  TG_TRY(auto forget_posts, database.prepare(kForgetPosts));
  TG_TRY(auto forget_events, database.prepare(kForgetEvents));
  TG_TRY(auto keep, database.prepare("INSERT INTO unconfirmed_post VALUES (?1, ?2)"));
  TG_TRY(auto forget_below, database.prepare("DELETE FROM unconfirmed_post WHERE through <= ?1"));
  TG_TRY(auto kept, database.prepare("SELECT batch, through FROM unconfirmed_post ORDER BY through"));
  TG_TRY(const std::int64_t ring_id, database.query_int("SELECT ring_id FROM event_ring"));
  return UsagePosts({.find = std::move(find),
                     .note = std::move(note),
                     .note_event = std::move(note_event),
                     .forget_posts = std::move(forget_posts),
                     .forget_events = std::move(forget_events),
                     .keep = std::move(keep),
                     .forget_below = std::move(forget_below),
                     .kept = std::move(kept)},
                    static_cast<std::uint64_t>(ring_id));
}

Result<std::optional<std::uint64_t>> UsagePosts::find(const ports::PostMark& mark, WallTime now) {
  std::optional<std::uint64_t> events;
  bool is_same = true;
  auto done =
      statements_.find.bind(std::string_view(mark.caller), blob_of(mark.key), now).each([&](const Statement& row) {
        events = row.unsigned_integer(1);
        is_same = row.blob(0) == blob_of(mark.document).bytes;
      });
  if (!done) return std::unexpected(std::move(done).error());
  if (!is_same) {
    return fail(codes::conflict, "This Idempotency-Key was used for other events. Take a new one for new events.");
  }
  return events;
}

Result<void> UsagePosts::note(const ports::PostMark& mark, std::uint64_t events, WallTime now) {
  return statements_.note.run(std::string_view(mark.caller), blob_of(mark.key), blob_of(mark.document), events,
                              now + ports::kPostRemembered);
}

Result<bool> UsagePosts::note_event(const ports::EventId& id, WallTime now) {
  TG_TRY(const std::uint64_t rows,
         count_rows(statements_.note_event.bind(blob_of(id), now + ports::kPostRemembered, now)));
  return rows > 0;
}

Result<void> UsagePosts::keep(const core::RecordBatch& batch) {
  const std::string bytes = core::encode_batch(batch);
  return statements_.keep.run(batch.records.back().sequence + 1, Blob{.bytes = bytes});
}

Result<void> UsagePosts::forget_below(std::uint64_t sequence) {
  return statements_.forget_below.run(sequence);
}

Result<std::vector<core::RecordBatch>> UsagePosts::kept() {
  std::vector<core::RecordBatch> batches;
  Result<void> decoded;
  auto done = statements_.kept.bind().each([&](const Statement& row) {
    auto batch = core::decode_batch(row.blob(0));
    if (batch) {
      batches.push_back(*std::move(batch));
    } else {
      decoded = fail(codes::store_corrupt, str::cat("usage.db: unconfirmed_post, through ", row.unsigned_integer(1),
                                                    ": ", batch.error().detail(),
                                                    ". Its events count; without this row they "
                                                    "are missing from the request log."));
    }
  });
  if (!done) return std::unexpected(std::move(done).error());
  if (!decoded) return std::unexpected(std::move(decoded).error());
  return batches;
}

Result<std::uint64_t> UsagePosts::forget(WallTime now) {
  TG_TRY(const std::uint64_t posts, count_rows(statements_.forget_posts.bind(now, kForgottenAtOnce)));
  TG_TRY(const std::uint64_t events, count_rows(statements_.forget_events.bind(now, kForgottenAtOnce)));
  return posts + events;
}

}  // namespace tollgate::stores
