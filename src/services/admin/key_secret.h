// New API keys and their secrets. The text of a key exists in the answer to whoever made it and nowhere else.
// Thread safety: any.
#pragma once

#include <string>
#include <string_view>

#include "core/access/key_record.h"

namespace tollgate::services {

inline constexpr std::string_view kKeyPrefix = "tg";
inline constexpr std::string_view kKeyEnv = "live";

struct NewSecret {
  std::string api_key;  // to be shown once
  core::KeySecret stored;
};

core::KeyId new_key_id();
NewSecret new_key_secret(core::KeyId id);
// Whether the key's text belongs to this record, at `now`. Takes the same time wherever the secrets differ.
bool secret_matches(const core::KeyRecord& record, const core::ApiKeyText& text, WallTime now);

}  // namespace tollgate::services
