// API keys and tiers, as admin writes them and gateways follow them.
//
// Blocking calls: made from admin's own threads, never from a worker that carries requests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "core/access/key_record.h"
#include "core/policy/key_changes.h"
#include "core/policy/tier.h"
#include "ports/write_note.h"

namespace tollgate::ports {

enum class KeySort : std::uint8_t { created, name, tier, consumer, expires };

struct KeyFilter {
  // Part of the name or the consumer, the beginning of the id or of the key itself ("tg_live_AbC"), or its last four
  // characters; empty: all.
  std::string search;
  std::string tier;      // empty: all
  std::string consumer;  // empty: all
  std::optional<core::KeyState> state;
  KeySort sort = KeySort::created;
  bool ascending = false;
  std::string cursor;       // from the page before; empty: first page
  std::size_t limit = 100;  // 1 … 1000
};

struct KeyPage {
  std::vector<core::KeyRecord> keys;
  std::string next_cursor;             // empty: last page
  std::optional<std::uint64_t> total;  // of all pages; on the first one, and where nothing is searched for
};

struct Consumer {
  std::string name;
  std::uint64_t keys = 0;
};
struct ConsumerFilter {
  std::string search;       // part of the name; empty: all
  std::string after;        // names behind this one
  std::size_t limit = 100;  // 1 … 1000
};

// One of several changes that are made together.
struct KeyWrite {
  core::KeyRecord record;  // as it shall be; to be removed: as it is
  bool remove = false;
  std::uint64_t expected_revision = 0;  // that it was read with
  AuditDraft audit;
};

using core::KeyChanges;

// What gateways need: changes only. In one process it is the store itself; apart it is admin over HTTP.
class KeyFeed {
 public:
  virtual ~KeyFeed() = default;
  // At most `max` items. A `revision` of 0 asks for everything there is.
  virtual Result<KeyChanges> changes_since(std::uint64_t revision, std::size_t max) = 0;
};

// Thread safety: all methods from any thread; writes are serialised by the store's one writer.
// Writes return when durable. `expected_revision`: fails with precondition_failed when the stored one differs.
// `note`: stored with the change, or neither is; conflict when a request with its mark has been done, which done_by()
// then tells of. Absent: nobody's doing, and it may be done again.
class KeyStore : public KeyFeed {
 public:
  // The key or tier that a request with this mark changed, within kRequestRemembered, also after a restart; nothing
  // when there was none. conflict when it was another request: of the same caller and key, for anything else.
  virtual Result<std::optional<std::string>> done_by(const RequestMark& mark) = 0;
  // For a change that is made elsewhere; after it.
  virtual Result<void> note_done(const WriteNote& note, const std::string& changed) = 0;

  // Fails with conflict when the id exists, tier_not_found when the tier does not. Fills revision and times.
  virtual Result<core::KeyRecord> create(core::KeyRecord record, const WriteNote& note) = 0;
  Result<core::KeyRecord> create(core::KeyRecord record) { return create(std::move(record), {}); }
  virtual Result<core::KeyRecord> get(core::KeyId id) = 0;  // key_not_found
  virtual Result<KeyPage> list(const KeyFilter& filter) = 0;
  // Replaces all but id, created_at; bumps limit_revision when the numbers or the tier changed.
  virtual Result<core::KeyRecord> update(core::KeyRecord record, std::optional<std::uint64_t> expected_revision,
                                         const WriteNote& note) = 0;
  Result<core::KeyRecord> update(core::KeyRecord record, std::optional<std::uint64_t> expected_revision) {
    return update(std::move(record), expected_revision, {});
  }
  virtual Result<void> remove(core::KeyId id, std::optional<std::uint64_t> expected_revision,
                              const WriteNote& note) = 0;
  Result<void> remove(core::KeyId id, std::optional<std::uint64_t> expected_revision) {
    return remove(id, expected_revision, {});
  }

  // Each is made, or says why not as update() and remove() do; those that are made are durable together, and the mark
  // with them. An error of the whole: none is.
  virtual Result<std::vector<Result<void>>> write_all(std::vector<KeyWrite> writes, const RequestMark* mark) = 0;
  // To whom keys belong, by name.
  virtual Result<std::vector<Consumer>> consumers(const ConsumerFilter& filter) = 0;

  virtual Result<std::vector<core::Tier>> tiers() = 0;
  virtual Result<core::Tier> tier(const std::string& name) = 0;  // tier_not_found
  // Creates or replaces. With expected_revision 0: only creates (conflict when it exists).
  virtual Result<core::Tier> put_tier(core::Tier tier, std::optional<std::uint64_t> expected_revision,
                                      const WriteNote& note) = 0;
  Result<core::Tier> put_tier(core::Tier tier, std::optional<std::uint64_t> expected_revision) {
    return put_tier(std::move(tier), expected_revision, {});
  }
  // conflict while keys use it or when it is built in.
  virtual Result<void> remove_tier(const std::string& name, std::optional<std::uint64_t> expected_revision,
                                   const WriteNote& note) = 0;
  Result<void> remove_tier(const std::string& name, std::optional<std::uint64_t> expected_revision) {
    return remove_tier(name, expected_revision, {});
  }
};

}  // namespace tollgate::ports
