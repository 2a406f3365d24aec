// The tiers' half of SqliteKeyStore.
#include "base/str.h"
#include "stores/sqlite/key_row.h"
#include "stores/sqlite/key_store.h"
#include "stores/sqlite/requests.h"

namespace tollgate::stores {
namespace {

constexpr std::string_view kWriteTier =
    "INSERT INTO tiers (" TG_TIER_COLUMNS
    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
    "ON CONFLICT (name) DO UPDATE SET title = ?2, refill_micro = ?3, max_burst = ?4, tokens_per_window = ?5, "
    "updated_at = ?7, limit_revision = ?8, revision = ?9";

std::unexpected<Error> no_such_tier(const std::string& name) {
  return fail(codes::tier_not_found, str::cat("no tier \"", name, "\""));
}

// Names are compared in lower case.
Result<std::optional<core::Tier>> find_tier(Database& database, const std::string& name) {
  TG_TRY(Statement find, database.prepare("SELECT " TG_TIER_COLUMNS " FROM tiers WHERE name = ?1"));
  find.bind(core::parse_tier_name(name).value_or(""));
  TG_TRY(const bool found, find.step());
  return found ? std::optional(read_tier(find)) : std::nullopt;
}

Result<core::Tier> write_tier(Database& database, core::Tier tier) {
  TG_TRY(tier.revision, next_revision(database));
  TG_TRY(Statement write, database.prepare(kWriteTier));
  bind_tier(write, tier);
  if (auto done = write.run(); !done) return std::unexpected(std::move(done).error());
  return tier;
}

// Whether `tier` may be written over `before`, seeing what the caller expects to find there.
Result<void> check_write(const std::optional<core::Tier>& before, std::optional<std::uint64_t> expected) {
  if (expected == 0 && before) return fail(codes::conflict, str::cat("tier \"", before->name, "\" exists"));
  if (before) return check_revision(before->revision, expected);
  if (expected && *expected != 0) return fail(codes::precondition_failed, "there is no such tier now");
  return {};
}

}  // namespace

Result<void> SqliteKeyStore::add_built_in_tiers() {
  return write([&](Database& database) -> Result<void> {
    for (const core::BuiltInTier& built_in : core::kBuiltInTiers) {
      TG_TRY(const auto existing, find_tier(database, std::string(built_in.name)));
      if (existing) continue;
      auto added = write_tier(database, {.name = std::string(built_in.name),
                                         .title = std::string(built_in.title),
                                         .limit = built_in.limit,
                                         .built_in = true,
                                         .updated_at = database_.clock().wall_now()});
      if (!added) return std::unexpected(std::move(added).error());
    }
    return {};
  });
}

Result<std::vector<core::Tier>> SqliteKeyStore::tiers() {
  return database_.read([](Database& database) -> Result<std::vector<core::Tier>> {
    TG_TRY(Statement all, database.prepare("SELECT " TG_TIER_COLUMNS " FROM tiers ORDER BY refill_micro, name"));
    std::vector<core::Tier> tiers;
    auto done = all.each([&](const Statement& row) { tiers.push_back(read_tier(row)); });
    if (!done) return std::unexpected(std::move(done).error());
    return tiers;
  });
}

Result<core::Tier> SqliteKeyStore::tier(const std::string& name) {
  return database_.read([&](Database& database) -> Result<core::Tier> {
    TG_TRY(auto found, find_tier(database, name));
    if (!found) return no_such_tier(name);
    return *std::move(found);
  });
}

Result<core::Tier> SqliteKeyStore::put_tier(core::Tier tier, std::optional<std::uint64_t> expected_revision,
                                            const ports::WriteNote& note) {
  auto name = core::parse_tier_name(tier.name);
  if (!name) {
    return std::unexpected(Error(codes::invalid_document, "a tier's name must be 1 to 40 of [a-z0-9_-]",
                                 {{"/name", "must be 1 to 40 of [a-z0-9_-]"}}));
  }
  tier.name = *std::move(name);
  return write([&](Database& database) -> Result<core::Tier> {
    const WallTime now = database_.clock().wall_now();
    if (auto first = expect_new(database, note.mark, now); !first) return std::unexpected(std::move(first).error());
    TG_TRY(const auto before, find_tier(database, tier.name));
    if (auto allowed = check_write(before, expected_revision); !allowed) {
      return std::unexpected(std::move(allowed).error());
    }
    tier.built_in = before && before->built_in;
    tier.updated_at = now;
    tier.limit_revision = before ? before->limit_revision + (before->limit != tier.limit ? 1 : 0) : 0;
    if (auto done = forget_removal(database, RemovedKind::tier, tier.name); !done) {
      return std::unexpected(std::move(done).error());
    }
    if (auto noted = note_write(database, note, tier.name, now); !noted) {
      return std::unexpected(std::move(noted).error());
    }
    return write_tier(database, std::move(tier));
  });
}

Result<void> SqliteKeyStore::remove_tier(const std::string& name, std::optional<std::uint64_t> expected_revision,
                                         const ports::WriteNote& note) {
  return write([&](Database& database) -> Result<void> {
    TG_TRY(const auto before, find_tier(database, name));
    if (!before) return no_such_tier(name);
    if (before->built_in) return fail(codes::conflict, str::cat("tier \"", before->name, "\" is built in"));
    if (auto same = check_revision(before->revision, expected_revision); !same) return same;
    TG_TRY(Statement count, database.prepare("SELECT count(*) FROM keys WHERE tier = ?1"));
    count.bind(before->name);
    TG_TRY([[maybe_unused]] const bool counted, count.step());
    const std::int64_t users = count.integer(0);
    count.reset();
    if (users > 0) return fail(codes::conflict, str::cat("tier \"", before->name, "\" is used by ", users, " keys"));
    TG_TRY(Statement erase, database.prepare("DELETE FROM tiers WHERE name = ?1"));
    if (auto done = erase.run(before->name); !done) return done;
    if (auto left = note_removal(database, RemovedKind::tier, before->name); !left) return left;
    return note_write(database, note, before->name, database_.clock().wall_now());
  });
}

}  // namespace tollgate::stores
