// API keys and tiers in admin.db.
//
// Every change takes the next number of one counter, in its own transaction, and is durable before the call returns.
// Removed keys and tiers leave a trace, so that changes_since() tells of them. A key's limit_revision grows when its
// own limit changes, or its tier while it has no own limit; a tier's when its numbers change.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "ports/key_store.h"
#include "stores/sqlite/admin_database.h"
#include "stores/sqlite/key_revision.h"

namespace tollgate::stores {

// Thread safety: all methods from any thread. No other store may change keys in the same file at the same time.
class SqliteKeyStore final : public ports::KeyStore {
 public:
  // Adds the built-in tiers that are missing. `database` must outlive the store.
  static Result<std::unique_ptr<SqliteKeyStore>> open(AdminDatabase& database);

  using ports::KeyStore::create;
  using ports::KeyStore::put_tier;
  using ports::KeyStore::remove;
  using ports::KeyStore::remove_tier;
  using ports::KeyStore::update;
  Result<std::optional<std::string>> done_by(const ports::RequestMark& mark) override;
  Result<void> note_done(const ports::WriteNote& note, const std::string& changed) override;
  Result<core::KeyRecord> create(core::KeyRecord record, const ports::WriteNote& note) override;
  Result<core::KeyRecord> get(core::KeyId id) override;
  // Fails with invalid_parameter when the cursor is not one of ours or the search is longer than 200 bytes.
  Result<ports::KeyPage> list(const ports::KeyFilter& filter) override;
  Result<core::KeyRecord> update(core::KeyRecord record, std::optional<std::uint64_t> expected_revision,
                                 const ports::WriteNote& note) override;
  Result<void> remove(core::KeyId id, std::optional<std::uint64_t> expected_revision,
                      const ports::WriteNote& note) override;

  Result<std::vector<Result<void>>> write_all(std::vector<ports::KeyWrite> writes,
                                              const ports::RequestMark* mark) override;
  Result<std::vector<ports::Consumer>> consumers(const ports::ConsumerFilter& filter) override;
  Result<std::vector<core::Tier>> tiers() override;
  Result<core::Tier> tier(const std::string& name) override;
  // Fails with invalid_document when the name breaks the rule for names.
  Result<core::Tier> put_tier(core::Tier tier, std::optional<std::uint64_t> expected_revision,
                              const ports::WriteNote& note) override;
  Result<void> remove_tier(const std::string& name, std::optional<std::uint64_t> expected_revision,
                           const ports::WriteNote& note) override;

  // One atomic load while nothing has changed. No key ever comes before its tier, and no tier goes before its keys:
  // tiers that changed may come with several pages, and the last page names every tier that is gone. A revision beyond
  // the latest means that the file was replaced by an older one: precondition_failed, and the follower starts from 0.
  Result<ports::KeyChanges> changes_since(std::uint64_t revision, std::size_t max) override;

 private:
  explicit SqliteKeyStore(AdminDatabase& database) : database_(database) {}
  Result<void> add_built_in_tiers();
  void publish(std::uint64_t revision);

  // AdminDatabase::write(), then makes the new revision known to changes_since().
  template <class Change>
  auto write(Change&& change) -> std::invoke_result_t<Change, Database&> {
    std::uint64_t revision = 0;
    auto result = database_.write([&](Database& database) -> std::invoke_result_t<Change, Database&> {
      auto changed = change(database);
      if (!changed) return changed;
      TG_TRY(revision, latest_revision(database));
      return changed;
    });
    if (result) publish(revision);
    return result;
  }

  AdminDatabase& database_;
  std::atomic<std::uint64_t> latest_revision_{0};
};

}  // namespace tollgate::stores
