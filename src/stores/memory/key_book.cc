#include "stores/memory/key_book.h"

#include <algorithm>
#include <iterator>

#include "base/str.h"
#include "telemetry/log.h"

namespace tollgate::stores {

namespace {

core::LimitCheck check_of(const ports::KeyEntry& entry) {
  return {.rule = entry.rule, .bucket = entry.bucket, .created = entry.created_at};
}

// Gives `entry` the numbers that `other` has.
void take_numbers_of(ports::KeyEntry& entry, const ports::KeyEntry& other) {
  entry.bucket = other.bucket;
  entry.limit_revision = other.limit_revision;
  entry.tier = other.tier;
  entry.own_rule = other.own_rule ? std::make_unique<const core::TokenBucket>(*other.own_rule) : nullptr;
  entry.rule = entry.own_rule ? entry.own_rule.get() : &entry.tier->rule;
}

std::unique_ptr<ports::KeyEntry> copy_of(const ports::KeyEntry& entry) {
  auto copy = std::make_unique<ports::KeyEntry>();
  copy->id = entry.id;
  copy->state = entry.state;
  copy->secret_count = entry.secret_count;
  copy->secrets = entry.secrets;
  copy->old_secret_until = entry.old_secret_until;
  copy->expires_at = entry.expires_at;
  copy->created_at = entry.created_at;
  copy->consumer = entry.consumer;
  take_numbers_of(*copy, entry);
  return copy;
}

void take_secrets(ports::KeyEntry& entry, const std::vector<core::KeySecret>& secrets) {
  entry.secret_count = static_cast<std::uint8_t>(std::min(secrets.size(), entry.secrets.size()));
  for (std::size_t i = 0; i < entry.secret_count; ++i) entry.secrets[i] = secrets[i].hash;
  if (entry.secret_count > 1) entry.old_secret_until = secrets[1].valid_until.value_or(WallTime::min());
}

}  // namespace

core::NameRef KeyBook::name(core::NameKind kind, std::string_view text) const {
  if (text.empty()) return 0;
  if (options_.name) options_.name(kind, text);
  return core::name_ref(kind, text);
}

bool KeyBook::take_tier(const core::Tier& tier) {
  const auto rule = core::TokenBucket::make(tier.limit);
  if (!rule) {
    telemetry::log_error("keys", "a tier's limit cannot be used", rule.error());
    return false;
  }
  KnownTier& known = tiers_[tier.name];
  if (known.entry && known.limit_revision == tier.limit_revision && known.entry->rule.spec() == tier.limit)
    return false;
  known.limit_revision = tier.limit_revision;
  known.entry = std::make_shared<const ports::TierEntry>(
      ports::TierEntry{.name = tier.name, .ref = name(core::NameKind::tier, tier.name), .rule = *rule});
  changed_tiers_.insert(tier.name);
  return true;
}

Hash128 KeyBook::bucket_of(const ports::KeyEntry& entry, std::uint32_t tier_revision) const {
  const std::string revision =
      entry.own_rule ? str::cat(entry.limit_revision) : str::cat(entry.limit_revision, '.', tier_revision);
  return hash_tuple({"key", entry.id.view(), revision}, options_.bucket_seed);
}

// Nothing when the key's tier is not known or its own numbers are out of range.
KeyBook::Entry KeyBook::make_entry(const core::KeyRecord& record) const {
  const auto tier = tiers_.find(record.tier);
  if (tier == tiers_.end() || record.secrets.empty()) return nullptr;
  auto entry = std::make_unique<ports::KeyEntry>();
  if (record.limit) {
    auto own = core::TokenBucket::make(*record.limit);
    if (!own) return nullptr;
    entry->own_rule = std::make_unique<const core::TokenBucket>(*own);
  }
  entry->id = record.id;
  entry->state = record.state;
  take_secrets(*entry, record.secrets);
  entry->limit_revision = record.limit_revision;
  entry->expires_at = record.expires_at.value_or(WallTime::max());
  entry->created_at = record.created_at;
  entry->consumer = name(core::NameKind::consumer, record.consumer);
  entry->tier = tier->second.entry;
  entry->rule = entry->own_rule ? entry->own_rule.get() : &entry->tier->rule;
  entry->bucket = bucket_of(*entry, tier->second.limit_revision);
  return entry;
}

// Carries levels over where the bucket changes, then puts all entries into the table.
bool KeyBook::publish(std::vector<Entry> entries) {
  std::vector<LimitMigration> migrations;
  std::vector<std::pair<ports::KeyEntry*, const ports::KeyEntry*>> moving;  // new, old
  for (const Entry& entry : entries) {
    const ports::KeyEntry* old = table_.find(entry->id);  // stays: nobody else writes
    if (old == nullptr || old->bucket == entry->bucket) continue;
    migrations.push_back({.from = check_of(*old), .to = check_of(*entry)});
    moving.emplace_back(entry.get(), old);
  }
  const std::size_t moved = migrations.empty() ? 0 : options_.migrate(migrations);
  for (std::size_t i = moved; i < moving.size(); ++i) take_numbers_of(*moving[i].first, *moving[i].second);
  table_.put({std::make_move_iterator(entries.begin()), std::make_move_iterator(entries.end())});
  return moved == migrations.size();
}

bool KeyBook::publish_keys(const std::vector<core::KeyRecord>& records) {
  std::vector<Entry> entries;
  std::vector<core::KeyId> unusable;
  for (const core::KeyRecord& record : records) {
    kept_out_.erase(record.id);
    if (Entry entry = make_entry(record)) {
      entries.push_back(std::move(entry));
    } else {
      unusable.push_back(record.id);
      kept_out_.insert_or_assign(record.id, record);
    }
  }
  table_.remove(unusable);
  return publish(std::move(entries));
}

KeyBook::Entry KeyBook::under_current_tier(const ports::KeyEntry& entry) const {
  const KnownTier& tier = tiers_.find(entry.tier->name)->second;
  Entry copy = copy_of(entry);
  copy->tier = tier.entry;
  if (!copy->own_rule) {
    copy->rule = &copy->tier->rule;
    copy->bucket = bucket_of(*copy, tier.limit_revision);
  }
  return copy;
}

bool KeyBook::move_keys_to_new_tiers() {
  std::vector<core::KeyId> behind;
  table_.for_each([&](const ports::KeyEntry& entry) {
    if (!changed_tiers_.contains(entry.tier->name)) return;
    if (entry.tier != tiers_.find(entry.tier->name)->second.entry) behind.push_back(entry.id);
  });
  // In parts, so that a tier with a million keys does not need room for them twice.
  constexpr std::size_t kPart = 10'000;
  for (std::size_t begin = 0; begin < behind.size(); begin += kPart) {
    std::vector<Entry> entries;
    for (std::size_t i = begin; i < std::min(begin + kPart, behind.size()); ++i) {
      entries.push_back(under_current_tier(*table_.find(behind[i])));
    }
    if (!publish(std::move(entries))) return false;
  }
  changed_tiers_.clear();
  return true;
}

void KeyBook::admit_kept_out() {
  std::vector<core::KeyRecord> records;
  for (const auto& [id, record] : kept_out_) {
    if (tiers_.contains(record.tier)) records.push_back(record);
  }
  // They are not in the table, so there is no level to carry over.
  if (!records.empty()) static_cast<void>(publish_keys(records));
}

bool KeyBook::apply(const core::KeyChanges& changes) {
  bool any_tier = false;
  for (const core::Tier& tier : changes.tiers) any_tier |= take_tier(tier);
  for (const std::string& name : changes.removed_tiers) {
    tiers_.erase(name);
    changed_tiers_.erase(name);
  }
  table_.remove(changes.removed);
  for (const core::KeyId& id : changes.removed) kept_out_.erase(id);
  // Keys before tiers' other keys: revoking one may not wait until a million levels are carried over.
  bool done = publish_keys(changes.upserted);
  if (any_tier) admit_kept_out();
  if (!changed_tiers_.empty()) done &= move_keys_to_new_tiers();
  return done;
}

}  // namespace tollgate::stores
