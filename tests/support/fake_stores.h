// Keys, tiers and users in memory, for tests of what stands on the ports: no file, no SQL, the same promises.
// Thread safety: all methods from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <set>

#include "base/clock.h"
#include "ports/key_store.h"
#include "ports/session_store.h"
#include "ports/user_store.h"

namespace tollgate::testing {

class FakeAuditLog final : public ports::AuditLog {
 public:
  explicit FakeAuditLog(const Clock& clock) : clock_(clock) {}

  Result<void> append(const ports::AuditDraft& draft) override;
  Result<ports::AuditPage> list(const ports::AuditFilter& filter) override;
  Result<ports::AuditVerdict> verify() override;

  void note(const ports::WriteNote& note);
  std::size_t size() const;
  ports::AuditEntry last() const;

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::vector<ports::AuditEntry> entries_;
};

class FakeKeyStore final : public ports::KeyStore {
 public:
  // With the built-in tiers. `audit`, where the notes of writes go, may be null.
  explicit FakeKeyStore(const Clock& clock, FakeAuditLog* audit = nullptr);

  using ports::KeyStore::create;
  using ports::KeyStore::put_tier;
  using ports::KeyStore::remove;
  using ports::KeyStore::remove_tier;
  using ports::KeyStore::update;
  Result<std::optional<std::string>> done_by(const ports::RequestMark& mark) override;
  Result<void> note_done(const ports::WriteNote& note, const std::string& changed) override;
  Result<core::KeyRecord> create(core::KeyRecord record, const ports::WriteNote& note) override;
  Result<core::KeyRecord> get(core::KeyId id) override;
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
  Result<core::Tier> put_tier(core::Tier tier, std::optional<std::uint64_t> expected_revision,
                              const ports::WriteNote& note) override;
  Result<void> remove_tier(const std::string& name, std::optional<std::uint64_t> expected_revision,
                           const ports::WriteNote& note) override;
  Result<core::KeyChanges> changes_since(std::uint64_t revision, std::size_t max) override;

  // Every call fails with store_unavailable from now on, or works again.
  void break_down(bool broken) { broken_ = broken; }
  std::uint64_t revision() const { return revision_; }

 private:
  using Digest = ports::RequestMark::Digest;
  struct DoneRequest {
    Digest target;
    Digest document;
    std::string changed;
    WallTime until;
  };
  Result<void> check_up() const;
  Result<std::optional<std::string>> find_done(const ports::RequestMark& mark) const;  // with the mutex held
  Result<void> expect_new(const ports::RequestMark* mark) const;
  void remember(const ports::WriteNote& note, std::string_view changed);

  const Clock& clock_;
  FakeAuditLog* audit_;
  std::mutex mutex_;
  std::atomic<bool> broken_{false};
  std::atomic<std::uint64_t> revision_{0};
  std::map<core::KeyId, core::KeyRecord> keys_;
  std::map<std::pair<std::string, Digest>, DoneRequest> requests_;  // by caller and key
  std::map<std::string, core::Tier> tiers_;
};

class FakeUserStore final : public ports::UserStore, public ports::SessionStore {
 public:
  // `notes`, where those of writes go, may be null.
  explicit FakeUserStore(const Clock& clock, FakeKeyStore* notes = nullptr) : clock_(clock), notes_(notes) {}

  Result<std::optional<ports::User>> find(const std::string& name) override;
  Result<std::uint64_t> count() override;
  using ports::UserStore::put;
  Result<std::vector<ports::User>> list(const ports::UserFilter& filter) override;
  Result<ports::User> put(ports::User user, const ports::UserWrite& write) override;
  Result<void> remove(const std::string& name, std::optional<std::uint64_t> expected_revision,
                      const ports::WriteNote& note) override;
  using ports::UserStore::bump_token_version;
  Result<std::uint32_t> bump_token_version(const std::string& name, const ports::WriteNote& note) override;
  using ports::UserStore::revoke_token;
  Result<void> revoke_token(const std::string& jti, WallTime expires_at, const ports::WriteNote& note) override;
  Result<bool> is_revoked(const std::string& jti) override;

  using ports::SessionStore::add;
  using ports::SessionStore::end;
  using ports::SessionStore::end_all;
  Result<void> add(const ports::Session& session, const ports::WriteNote& note) override;
  Result<std::optional<ports::Session>> find(const ports::Session::Digest& secret_hash) override;
  Result<std::vector<ports::Session>> list(const std::string& user) override;
  Result<void> touch(const std::string& id, WallTime seen_at) override;
  Result<bool> end(const std::string& user, const std::string& id, const ports::WriteNote& note) override;
  Result<void> end_all(const std::string& user, std::string_view keep, const ports::WriteNote& note) override;

  // Called at the beginning of each find(): to make it wait. Set before the first.
  void on_find(std::function<void()> hook) { on_find_ = std::move(hook); }

 private:
  void drop_sessions(const std::string& user, std::string_view keep);  // with the mutex held, here and below
  Result<void> expect_an_admin(const std::map<std::string, ports::User>& users) const;
  void note(const ports::WriteNote& note, const std::string& changed) const;

  const Clock& clock_;
  FakeKeyStore* notes_;
  std::function<void()> on_find_;
  std::mutex mutex_;
  std::map<std::string, ports::User> users_;
  std::set<std::string> revoked_;
  std::vector<ports::Session> sessions_;  // oldest first
};

}  // namespace tollgate::testing
