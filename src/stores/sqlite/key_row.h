// Keys and tiers as rows: which columns, in which order, and how they become records.
#pragma once

#include "core/access/key_record.h"
#include "core/policy/tier.h"
#include "stores/sqlite/statement.h"

namespace tollgate::stores {

// The columns that read_key() expects, from 0 on.
#define TG_KEY_COLUMNS                                                                                              \
  "id, name, prefix, tier, refill_micro, max_burst, tokens_per_window, state, created_at, updated_at, expires_at, " \
  "secret_hash, secret_last4, secret_until, old_secret_hash, old_secret_last4, old_secret_until, limit_revision, "  \
  "revision, consumer"
// The columns that read_tier() expects, from 0 on.
#define TG_TIER_COLUMNS \
  "name, title, refill_micro, max_burst, tokens_per_window, built_in, updated_at, limit_revision, revision"

// Fails with store_corrupt when the row is no record of ours.
Result<core::KeyRecord> read_key(const Statement& row);
core::Tier read_tier(const Statement& row);

// Binds all columns of TG_KEY_COLUMNS to ?1 … ?20, of TG_TIER_COLUMNS to ?1 … ?9.
void bind_key(Statement& statement, const core::KeyRecord& record);
void bind_tier(Statement& statement, const core::Tier& tier);

}  // namespace tollgate::stores
