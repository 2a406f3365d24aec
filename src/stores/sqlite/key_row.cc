#include "stores/sqlite/key_row.h"

#include <cstring>

#include "base/assert.h"
#include "base/str.h"

namespace tollgate::stores {
namespace {

Blob blob_of(const core::SecretHash& hash) {
  return {std::string_view(reinterpret_cast<const char*>(hash.data()), hash.size())};
}

// Three columns from `column`: hash, last4, until.
bool append_secret(core::KeyRecord& record, const Statement& row, int column) {
  const std::string_view hash = row.blob(column);
  core::KeySecret secret;
  if (hash.size() != secret.hash.size()) return false;
  std::memcpy(secret.hash.data(), hash.data(), hash.size());
  secret.last4 = row.text(column + 1);
  secret.valid_until = row.optional_time(column + 2);
  record.secrets.push_back(std::move(secret));
  return true;
}

core::TokenBucketSpec spec_at(const Statement& row, int column) {
  return {.refill_micro = row.unsigned_integer(column),
          .max_burst = row.unsigned_integer(column + 1),
          .tokens_per_window = row.unsigned_integer(column + 2)};
}

}  // namespace

Result<core::KeyRecord> read_key(const Statement& row) {
  core::KeyRecord record;
  const auto id = core::KeyId::parse(row.text(0));
  const bool has_secret = append_secret(record, row, 11);
  const bool has_old_secret = row.is_null(14) || append_secret(record, row, 14);
  if (!id || !has_secret || !has_old_secret) {
    return fail(codes::store_corrupt,
                str::cat("a stored key cannot be read (id \"", row.text(0), "\"); restore a backup"));
  }
  record.id = *id;
  record.name = row.text(1);
  record.prefix = row.text(2);
  record.tier = row.text(3);
  if (!row.is_null(4)) record.limit = spec_at(row, 4);
  record.state = row.integer(7) == 0 ? core::KeyState::active : core::KeyState::disabled;
  record.created_at = row.time(8);
  record.updated_at = row.time(9);
  record.expires_at = row.optional_time(10);
  record.limit_revision = static_cast<std::uint32_t>(row.unsigned_integer(17));
  record.revision = row.unsigned_integer(18);
  record.consumer = row.text(19);
  return record;
}

void bind_key(Statement& statement, const core::KeyRecord& record) {
  TG_ASSERT(!record.id.empty() && !record.secrets.empty() && record.secrets.size() <= 2);
  const core::KeySecret& secret = record.secrets[0];
  const core::KeySecret* old = record.secrets.size() == 2 ? &record.secrets[1] : nullptr;
  const auto of_limit = [&](auto member) {
    return record.limit ? std::optional((*record.limit).*member) : std::nullopt;
  };
  using Spec = core::TokenBucketSpec;
  statement.bind(record.id.view(), record.name, record.prefix, record.tier, of_limit(&Spec::refill_micro),
                 of_limit(&Spec::max_burst), of_limit(&Spec::tokens_per_window), static_cast<int>(record.state),
                 record.created_at, record.updated_at, record.expires_at, blob_of(secret.hash), secret.last4,
                 secret.valid_until, old == nullptr ? std::nullopt : std::optional(blob_of(old->hash)),
                 old == nullptr ? std::nullopt : std::optional(old->last4),
                 old == nullptr ? std::nullopt : old->valid_until, record.limit_revision, record.revision,
                 record.consumer);
}

core::Tier read_tier(const Statement& row) {
  return {.name = std::string(row.text(0)),
          .title = std::string(row.text(1)),
          .limit = spec_at(row, 2),
          .built_in = row.integer(5) != 0,
          .updated_at = row.time(6),
          .limit_revision = static_cast<std::uint32_t>(row.unsigned_integer(7)),
          .revision = row.unsigned_integer(8)};
}

void bind_tier(Statement& statement, const core::Tier& tier) {
  statement.bind(tier.name, tier.title, tier.limit.refill_micro, tier.limit.max_burst, tier.limit.tokens_per_window,
                 tier.built_in, tier.updated_at, tier.limit_revision, tier.revision);
}

}  // namespace tollgate::stores
