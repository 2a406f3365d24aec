#include "tests/support/fake_stores.h"

#include <algorithm>
#include <iterator>

#include "base/str.h"

namespace tollgate::testing {

Result<void> FakeAuditLog::append(const ports::AuditDraft& draft) {
  const std::lock_guard lock(mutex_);
  entries_.push_back({.seq = entries_.size() + 1, .time = clock_.wall_now(), .what = draft, .hash = {}});
  return {};
}

// Filters by actor and object alone.
Result<ports::AuditPage> FakeAuditLog::list(const ports::AuditFilter& filter) {
  const std::lock_guard lock(mutex_);
  ports::AuditPage page;
  std::vector<ports::AuditEntry> all = entries_;
  if (!filter.oldest_first) std::ranges::reverse(all);
  for (const ports::AuditEntry& entry : all) {
    const bool is_behind =
        filter.after_seq == 0 || (filter.oldest_first ? entry.seq > filter.after_seq : entry.seq < filter.after_seq);
    if (!is_behind || (!filter.actor.empty() && entry.what.actor != filter.actor) ||
        (!filter.object.empty() && entry.what.object != filter.object)) {
      continue;
    }
    if (page.entries.size() == filter.limit) {
      page.next = page.entries.back().seq;
      break;
    }
    page.entries.push_back(entry);
  }
  return page;
}

Result<ports::AuditVerdict> FakeAuditLog::verify() {
  return ports::AuditVerdict{.entries = size(), .first_broken = {}, .head = {}};
}

void FakeAuditLog::note(const ports::WriteNote& note) {
  if (note.audit != nullptr) [[maybe_unused]]
    const auto appended = append(*note.audit);
}

std::size_t FakeAuditLog::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

ports::AuditEntry FakeAuditLog::last() const {
  const std::lock_guard lock(mutex_);
  return entries_.empty() ? ports::AuditEntry{} : entries_.back();
}

FakeKeyStore::FakeKeyStore(const Clock& clock, FakeAuditLog* audit) : clock_(clock), audit_(audit) {
  for (const core::BuiltInTier& tier : core::kBuiltInTiers) {
    tiers_[std::string(tier.name)] = {.name = std::string(tier.name),
                                      .title = std::string(tier.title),
                                      .limit = tier.limit,
                                      .built_in = true,
                                      .updated_at = clock.wall_now(),
                                      .limit_revision = 1,
                                      .revision = ++revision_};
  }
}

Result<void> FakeKeyStore::check_up() const {
  if (broken_) return fail(codes::store_unavailable, "the fake is broken down");
  return {};
}

Result<std::optional<std::string>> FakeKeyStore::find_done(const ports::RequestMark& mark) const {
  const auto found = requests_.find({mark.caller, mark.key});
  if (found == requests_.end() || clock_.wall_now() >= found->second.until) return std::nullopt;
  const DoneRequest& done = found->second;
  if (done.target != mark.target || done.document != mark.document) return fail(codes::conflict, "another request");
  return done.changed;
}

Result<void> FakeKeyStore::expect_new(const ports::RequestMark* mark) const {
  if (mark == nullptr) return {};
  TG_TRY(const auto done, find_done(*mark));
  if (done) return fail(codes::conflict, "done already");
  return {};
}

void FakeKeyStore::remember(const ports::WriteNote& note, std::string_view changed) {
  if (audit_ != nullptr) audit_->note(note);
  const ports::RequestMark* const mark = note.mark;
  if (mark == nullptr) return;
  requests_[{mark->caller, mark->key}] = {.target = mark->target,
                                          .document = mark->document,
                                          .changed = std::string(changed),
                                          .until = clock_.wall_now() + ports::kRequestRemembered};
}

Result<std::optional<std::string>> FakeKeyStore::done_by(const ports::RequestMark& mark) {
  if (auto up = check_up(); !up) return std::unexpected(up.error());
  const std::lock_guard lock(mutex_);
  return find_done(mark);
}

Result<void> FakeKeyStore::note_done(const ports::WriteNote& note, const std::string& changed) {
  if (auto up = check_up(); !up) return up;
  const std::lock_guard lock(mutex_);
  if (auto first = expect_new(note.mark); !first) return first;
  remember(note, changed);
  return {};
}

Result<core::KeyRecord> FakeKeyStore::create(core::KeyRecord record, const ports::WriteNote& note) {
  if (auto up = check_up(); !up) return std::unexpected(up.error());
  const std::lock_guard lock(mutex_);
  if (auto first = expect_new(note.mark); !first) return std::unexpected(first.error());
  if (keys_.contains(record.id)) return fail(codes::conflict);
  if (!tiers_.contains(record.tier)) return fail(codes::tier_not_found);
  record.created_at = record.updated_at = clock_.wall_now();
  record.limit_revision = 1;
  record.revision = ++revision_;
  remember(note, record.id.view());
  return keys_[record.id] = std::move(record);
}

Result<core::KeyRecord> FakeKeyStore::get(core::KeyId id) {
  if (auto up = check_up(); !up) return std::unexpected(up.error());
  const std::lock_guard lock(mutex_);
  const auto found = keys_.find(id);
  if (found == keys_.end()) return fail(codes::key_not_found);
  return found->second;
}

// Pages by id: the cursor is the last id seen.
Result<ports::KeyPage> FakeKeyStore::list(const ports::KeyFilter& filter) {
  if (auto up = check_up(); !up) return std::unexpected(up.error());
  const std::lock_guard lock(mutex_);
  ports::KeyPage page;
  for (const auto& [id, key] : keys_) {
    const bool wanted =
        (filter.cursor.empty() || id.view() > filter.cursor) && (filter.tier.empty() || key.tier == filter.tier) &&
        (!filter.state || key.state == *filter.state) && (filter.consumer.empty() || key.consumer == filter.consumer) &&
        (filter.search.empty() || key.name.find(filter.search) != std::string::npos);
    if (!wanted) continue;
    if (page.keys.size() == filter.limit) {
      page.next_cursor = page.keys.back().id.view();
      break;
    }
    page.keys.push_back(key);
  }
  if (filter.cursor.empty() && filter.search.empty()) page.total = page.keys.size();
  return page;
}

Result<core::KeyRecord> FakeKeyStore::update(core::KeyRecord record, std::optional<std::uint64_t> expected_revision,
                                             const ports::WriteNote& note) {
  if (auto up = check_up(); !up) return std::unexpected(up.error());
  const std::lock_guard lock(mutex_);
  if (auto first = expect_new(note.mark); !first) return std::unexpected(first.error());
  const auto found = keys_.find(record.id);
  if (found == keys_.end()) return fail(codes::key_not_found);
  core::KeyRecord& stored = found->second;
  if (expected_revision && *expected_revision != stored.revision) return fail(codes::precondition_failed);
  if (!tiers_.contains(record.tier)) return fail(codes::tier_not_found);
  const bool other_numbers = record.limit != stored.limit || record.tier != stored.tier;
  record.created_at = stored.created_at;
  record.updated_at = clock_.wall_now();
  record.limit_revision = stored.limit_revision + (other_numbers ? 1 : 0);
  record.revision = ++revision_;
  remember(note, record.id.view());
  return stored = std::move(record);
}

Result<void> FakeKeyStore::remove(core::KeyId id, std::optional<std::uint64_t> expected_revision,
                                  const ports::WriteNote& note) {
  if (auto up = check_up(); !up) return up;
  const std::lock_guard lock(mutex_);
  const auto found = keys_.find(id);
  if (found == keys_.end()) return fail(codes::key_not_found);
  if (expected_revision && *expected_revision != found->second.revision) return fail(codes::precondition_failed);
  keys_.erase(found);
  ++revision_;
  remember(note, id.view());
  return {};
}

Result<std::vector<Result<void>>> FakeKeyStore::write_all(std::vector<ports::KeyWrite> writes,
                                                          const ports::RequestMark* mark) {
  std::vector<Result<void>> results;
  for (ports::KeyWrite& one : writes) {
    const ports::WriteNote note{.audit = &one.audit};
    if (one.remove) {
      results.push_back(remove(one.record.id, one.expected_revision, note));
    } else {
      const auto stored = update(std::move(one.record), one.expected_revision, note);
      results.push_back(stored ? Result<void>{} : std::unexpected(stored.error()));
    }
  }
  if (auto noted = note_done({.mark = mark}, "keys"); !noted) return std::unexpected(std::move(noted).error());
  return results;
}

Result<std::vector<ports::Consumer>> FakeKeyStore::consumers(const ports::ConsumerFilter& filter) {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::uint64_t> counts;
  for (const auto& [id, key] : keys_) {
    std::string lower = key.consumer;
    std::ranges::transform(lower, lower.begin(), str::lower);
    if (key.consumer > filter.after && lower.find(filter.search) != std::string::npos) ++counts[key.consumer];
  }
  std::vector<ports::Consumer> all;
  for (const auto& [name, keys] : counts) all.push_back({.name = name, .keys = keys});
  all.resize(std::min(all.size(), filter.limit));
  return all;
}

Result<std::vector<core::Tier>> FakeKeyStore::tiers() {
  if (auto up = check_up(); !up) return std::unexpected(up.error());
  const std::lock_guard lock(mutex_);
  std::vector<core::Tier> all;
  for (const auto& [name, tier] : tiers_) all.push_back(tier);
  return all;
}

Result<core::Tier> FakeKeyStore::tier(const std::string& name) {
  if (auto up = check_up(); !up) return std::unexpected(up.error());
  const std::lock_guard lock(mutex_);
  const auto found = tiers_.find(name);
  if (found == tiers_.end()) return fail(codes::tier_not_found);
  return found->second;
}

Result<core::Tier> FakeKeyStore::put_tier(core::Tier tier, std::optional<std::uint64_t> expected_revision,
                                          const ports::WriteNote& note) {
  if (auto up = check_up(); !up) return std::unexpected(up.error());
  const std::lock_guard lock(mutex_);
  if (auto first = expect_new(note.mark); !first) return std::unexpected(first.error());
  const auto found = tiers_.find(tier.name);
  const std::uint64_t stored = found == tiers_.end() ? 0 : found->second.revision;
  if (expected_revision && *expected_revision != stored) {
    return fail(*expected_revision == 0 ? codes::conflict : codes::precondition_failed);
  }
  tier.updated_at = clock_.wall_now();
  tier.limit_revision = found == tiers_.end() ? 1 : found->second.limit_revision + 1;
  tier.revision = ++revision_;
  remember(note, tier.name);
  return tiers_[tier.name] = std::move(tier);
}

Result<void> FakeKeyStore::remove_tier(const std::string& name, std::optional<std::uint64_t> expected_revision,
                                       const ports::WriteNote& note) {
  if (auto up = check_up(); !up) return up;
  const std::lock_guard lock(mutex_);
  const auto found = tiers_.find(name);
  if (found == tiers_.end()) return fail(codes::tier_not_found);
  if (expected_revision && *expected_revision != found->second.revision) return fail(codes::precondition_failed);
  if (found->second.built_in) return fail(codes::conflict, "a built-in tier cannot be deleted");
  for (const auto& [id, key] : keys_) {
    if (key.tier == name) return fail(codes::conflict, "keys use this tier");
  }
  tiers_.erase(found);
  ++revision_;
  remember(note, name);
  return {};
}

Result<core::KeyChanges> FakeKeyStore::changes_since(std::uint64_t revision, std::size_t max) {
  if (auto up = check_up(); !up) return std::unexpected(up.error());
  const std::lock_guard lock(mutex_);
  core::KeyChanges changes;
  changes.revision = revision_;
  for (const auto& [name, tier] : tiers_) {
    if (tier.revision > revision) changes.tiers.push_back(tier);
  }
  for (const auto& [id, key] : keys_) {
    if (key.revision > revision && changes.upserted.size() < max) changes.upserted.push_back(key);
  }
  return changes;
}

Result<std::optional<ports::User>> FakeUserStore::find(const std::string& name) {
  if (on_find_) on_find_();
  const std::lock_guard lock(mutex_);
  const auto found = users_.find(name);
  return found == users_.end() ? std::optional<ports::User>{} : std::optional(found->second);
}

Result<std::uint64_t> FakeUserStore::count() {
  const std::lock_guard lock(mutex_);
  return users_.size();
}

void FakeUserStore::note(const ports::WriteNote& note, const std::string& changed) const {
  if (notes_ != nullptr) [[maybe_unused]]
    const auto noted = notes_->note_done(note, changed);
}

Result<std::vector<ports::User>> FakeUserStore::list(const ports::UserFilter& filter) {
  const std::lock_guard lock(mutex_);
  std::vector<ports::User> all;
  for (auto user = users_.upper_bound(filter.after); user != users_.end() && all.size() < filter.limit; ++user) {
    all.push_back(user->second);
  }
  return all;
}

Result<void> FakeUserStore::expect_an_admin(const std::map<std::string, ports::User>& users) const {
  const auto is_admin = [](const auto& user) { return user.second.role == "admin" && !user.second.disabled; };
  if (std::ranges::any_of(users_, is_admin) && std::ranges::none_of(users, is_admin)) return fail(codes::last_admin);
  return {};
}

Result<ports::User> FakeUserStore::put(ports::User user, const ports::UserWrite& write) {
  const std::lock_guard lock(mutex_);
  const auto before = users_.find(user.name);
  const bool there = before != users_.end();
  const std::uint64_t revision = there ? before->second.revision : 0;
  if (write.expected_revision && *write.expected_revision != revision) {
    return fail(*write.expected_revision == 0 ? codes::conflict : codes::precondition_failed);
  }
  user.revision = revision + 1;
  auto after = users_;
  after[user.name] = user;
  if (auto left = expect_an_admin(after); !left) return std::unexpected(std::move(left).error());
  if (there && before->second.token_version != user.token_version) drop_sessions(user.name, write.keep_session);
  users_ = std::move(after);
  note(write.note, user.name);
  return user;
}

Result<void> FakeUserStore::remove(const std::string& name, std::optional<std::uint64_t> expected_revision,
                                   const ports::WriteNote& written) {
  const std::lock_guard lock(mutex_);
  auto after = users_;
  const auto found = after.find(name);
  if (found == after.end()) return fail(codes::not_found);
  if (expected_revision && *expected_revision != found->second.revision) return fail(codes::precondition_failed);
  after.erase(found);
  if (auto left = expect_an_admin(after); !left) return left;
  users_ = std::move(after);
  drop_sessions(name, {});
  note(written, {});
  return {};
}

void FakeUserStore::drop_sessions(const std::string& user, std::string_view keep) {
  std::erase_if(sessions_, [&](const ports::Session& one) { return one.user == user && one.id != keep; });
}

Result<void> FakeUserStore::add(const ports::Session& session, const ports::WriteNote& written) {
  const std::lock_guard lock(mutex_);
  if (!users_.contains(session.user)) return fail(codes::not_found, "no such user");
  sessions_.push_back(session);
  note(written, {});
  return {};
}

Result<std::optional<ports::Session>> FakeUserStore::find(const ports::Session::Digest& secret_hash) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(sessions_, secret_hash, &ports::Session::secret_hash);
  return found == sessions_.end() ? std::optional<ports::Session>{} : std::optional(*found);
}

Result<std::vector<ports::Session>> FakeUserStore::list(const std::string& user) {
  const std::lock_guard lock(mutex_);
  std::vector<ports::Session> all;
  std::copy_if(sessions_.rbegin(), sessions_.rend(), std::back_inserter(all),
               [&](const ports::Session& one) { return one.user == user && !ports::is_over(one, clock_.wall_now()); });
  return all;
}

Result<void> FakeUserStore::touch(const std::string& id, WallTime seen_at) {
  const std::lock_guard lock(mutex_);
  for (ports::Session& one : sessions_) {
    if (one.id == id) one.last_seen_at = seen_at;
  }
  return {};
}

Result<bool> FakeUserStore::end(const std::string& user, const std::string& id, const ports::WriteNote& written) {
  const std::lock_guard lock(mutex_);
  const auto ended =
      std::erase_if(sessions_, [&](const ports::Session& one) { return one.user == user && one.id == id; });
  if (ended > 0) note(written, {});
  return ended > 0;
}

Result<void> FakeUserStore::end_all(const std::string& user, std::string_view keep, const ports::WriteNote& written) {
  const std::lock_guard lock(mutex_);
  drop_sessions(user, keep);
  note(written, {});
  return {};
}

Result<std::uint32_t> FakeUserStore::bump_token_version(const std::string& name, const ports::WriteNote& written) {
  const std::lock_guard lock(mutex_);
  if (!users_.contains(name)) return fail(codes::not_found);
  note(written, {});
  drop_sessions(name, {});
  return ++users_.at(name).token_version;
}

Result<void> FakeUserStore::revoke_token(const std::string& jti, WallTime, const ports::WriteNote& written) {
  const std::lock_guard lock(mutex_);
  note(written, {});
  revoked_.insert(jti);
  return {};
}

Result<bool> FakeUserStore::is_revoked(const std::string& jti) {
  const std::lock_guard lock(mutex_);
  return revoked_.contains(jti);
}

}  // namespace tollgate::testing
