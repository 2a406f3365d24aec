// The browsers that are signed in. Blocking calls: from admin's own threads.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "ports/write_note.h"

namespace tollgate::ports {

struct Session {
  using Digest = std::array<std::uint8_t, 32>;

  std::string id;  // names it, and opens nothing
  std::string user;
  Digest secret_hash{};  // SHA-256 of what the browser holds
  WallTime created_at{};
  WallTime last_seen_at{};
  WallTime expires_at{};   // whatever is done meanwhile
  std::string network;     // where it was opened from
  std::string user_agent;  // as the browser named itself then
};

// How long a session lives that nobody uses.
inline constexpr Seconds kSessionIdle{30 * 60};
// Of one user at once; one more ends the one that was used least lately.
inline constexpr std::size_t kSessionsPerUser = 64;

// Whether it still opens anything.
inline bool is_over(const Session& session, WallTime now) {
  return now >= session.expires_at || now >= session.last_seen_at + kSessionIdle;
}

// Thread safety: all methods from any thread. Writes return when durable.
// A user's sessions end with the user, and with each new token version (user_store.h).
class SessionStore {
 public:
  virtual ~SessionStore() = default;
  // Forgets on the way those that are over. not_found when there is no such user.
  virtual Result<void> add(const Session& session, const WriteNote& note) = 0;
  Result<void> add(const Session& session) { return add(session, {}); }
  // Those that are over may be found, too.
  virtual Result<std::optional<Session>> find(const Session::Digest& secret_hash) = 0;
  // Newest first; none that is over.
  virtual Result<std::vector<Session>> list(const std::string& user) = 0;
  virtual Result<void> touch(const std::string& id, WallTime seen_at) = 0;
  // False, and nothing noted, when this user has no such session.
  virtual Result<bool> end(const std::string& user, const std::string& id, const WriteNote& note) = 0;
  Result<bool> end(const std::string& user, const std::string& id) { return end(user, id, {}); }
  // All of them but `keep`; empty: all.
  virtual Result<void> end_all(const std::string& user, std::string_view keep, const WriteNote& note) = 0;
  Result<void> end_all(const std::string& user, std::string_view keep) { return end_all(user, keep, {}); }
};

}  // namespace tollgate::ports
