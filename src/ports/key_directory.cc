#include "ports/key_directory.h"

namespace tollgate::ports {

namespace {

// Looks at every byte whatever the first ones say.
bool equal_in_constant_time(const core::SecretHash& a, const core::SecretHash& b) {
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

}  // namespace

KeyEntry::Check KeyEntry::check(const core::SecretHash& presented, WallTime now) const {
  const bool is_newest = equal_in_constant_time(presented, secrets[0]);
  const bool is_old = equal_in_constant_time(presented, secrets[1]);
  const bool old_counts = secret_count > 1 && now < old_secret_until;
  if (!is_newest && !(is_old && old_counts)) return Check::wrong_secret;
  if (state != core::KeyState::active) return Check::disabled;
  if (now >= expires_at) return Check::expired;
  return Check::valid;
}

}  // namespace tollgate::ports
