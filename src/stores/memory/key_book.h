// Turns what admin says of keys and tiers into the entries that requests meet.
//
// A key's bucket is named by its id and the revisions of its numbers. When they change, the bucket's level is carried
// over before the new entry is published; until that has worked the key keeps its old numbers, while its state and its
// secrets change at once. A key whose tier or numbers cannot be used is kept out of the table until they can.
//
// Thread safety: none; one writer, and no other writer of the table.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/policy/key_changes.h"
#include "stores/memory/key_table.h"
#include "stores/memory/limit_migration.h"

namespace tollgate::stores {

class KeyBook {
 public:
  struct Options {
    std::uint64_t bucket_seed = 0;  // the same wherever the same buckets are meant
    MigrateLimits migrate;
    // Makes a name known to the decision log before a record can refer to it; empty where there is no log.
    std::function<void(core::NameKind, std::string_view)> name;
  };
  KeyBook(KeyTable& table, Options options) : table_(table), options_(std::move(options)) {}

  // False: some levels could not be carried over. Apply the same changes again later.
  [[nodiscard]] bool apply(const core::KeyChanges& changes);
  // Keys that are kept out.
  std::size_t kept_out() const { return kept_out_.size(); }

 private:
  struct KnownTier {
    std::shared_ptr<const ports::TierEntry> entry;
    std::uint32_t limit_revision = 0;
  };
  struct IdHash {
    std::size_t operator()(const core::KeyId& id) const { return hash64({id.text.data(), id.text.size()}, 0); }
  };
  using Entry = std::unique_ptr<ports::KeyEntry>;

  bool take_tier(const core::Tier& tier);
  core::NameRef name(core::NameKind kind, std::string_view text) const;
  Entry make_entry(const core::KeyRecord& record) const;
  Entry under_current_tier(const ports::KeyEntry& entry) const;
  Hash128 bucket_of(const ports::KeyEntry& entry, std::uint32_t tier_revision) const;
  bool publish(std::vector<Entry> entries);
  bool publish_keys(const std::vector<core::KeyRecord>& records);
  bool move_keys_to_new_tiers();
  void admit_kept_out();

  KeyTable& table_;
  const Options options_;
  std::map<std::string, KnownTier, std::less<>> tiers_;
  std::set<std::string, std::less<>> changed_tiers_;  // some of their keys may have the numbers from before
  std::unordered_map<core::KeyId, core::KeyRecord, IdHash> kept_out_;
};

}  // namespace tollgate::stores
