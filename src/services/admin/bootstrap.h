// What has to be true before admin may serve: an admin user, secrets that are secret, a listener that is not open to
// the world. Plain functions for the composition root; their errors end the start and say what to do.
//
// Thread safety: at start-up, one thread. Blocking.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "config/config.h"
#include "crypto/password_hasher.h"
#include "ports/user_store.h"

namespace tollgate::services {

// config_invalid when admin would speak plain HTTP beyond loopback and nobody said that this is meant.
Result<void> check_admin_exposure(const config::AdminConfig& config);

// What people's tokens are signed with: from the configuration, or <data-dir>/jwt-secret. What services show each
// other: likewise, <data-dir>/service-token. The first service that needs a file makes it, admin or another; those that
// run elsewhere have to be given the same secrets.
Result<std::string> provide_jwt_secret(const config::Config& config);
Result<std::string> provide_service_token(const config::Config& config);

struct AdminUserDeps {
  ports::UserStore& users;
  crypto::PasswordHasher& hasher;
  const Clock& clock;
};
struct AdminUserReady {
  std::optional<std::string> generated_password;  // made just now: to be printed, this once
  std::string password_file;                      // where it is, too
  std::optional<std::string> warning;             // for the operator's log
};
// Makes sure that the configured admin user exists. With a configured password, theirs is that one; else one is made
// for a user who does not exist yet. weak_secret when the configured one is weak and admin is bound beyond loopback.
Result<AdminUserReady> ensure_admin_user(const config::Config& config, const AdminUserDeps& deps);

}  // namespace tollgate::services
