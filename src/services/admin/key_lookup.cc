#include "services/admin/key_lookup.h"

#include "services/admin/key_secret.h"

namespace tollgate::services {

Result<core::KeyRecord> KeyLookup::by_id_or_text(std::string_view id_or_text) const {
  if (const auto id = core::KeyId::parse(id_or_text)) return keys_.get(*id);
  return by_text(id_or_text);
}

Result<core::KeyRecord> KeyLookup::by_text(std::string_view text) const {
  const auto parsed = core::parse_api_key(text);
  if (!parsed) return fail(codes::key_not_found);
  TG_TRY(core::KeyRecord record, keys_.get(parsed->id));
  if (!secret_matches(record, *parsed, clock_.wall_now())) return fail(codes::key_not_found);
  return record;
}

}  // namespace tollgate::services
