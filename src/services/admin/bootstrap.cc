#include "services/admin/bootstrap.h"

#include <cstdio>

#include "base/file.h"
#include "base/ip.h"
#include "base/random.h"
#include "base/str.h"
#include "crypto/secret_policy.h"
#include "services/admin/audit/audit_note.h"
#include "services/admin/secret_file.h"

namespace tollgate::services {
namespace {

constexpr std::size_t kPasswordLength = 24;  // 143 bits

bool is_loopback(const config::Listen& listen) {
  const auto ip = IpAddress::parse(listen.address);
  return ip ? ip->is_loopback() : str::iequals(listen.address, "localhost");
}

// Weak passwords are for trying Tollgate out on one's own machine, and nowhere else.
Result<std::optional<std::string>> judge_password(const config::AdminConfig& admin) {
  const auto strong = crypto::check_password({.user = admin.username, .value = *admin.password});
  if (strong) return std::optional<std::string>{};
  if (is_loopback(admin.listen) && !admin.password->empty()) {
    return str::cat("ADMIN_PASSWORD is weak (", strong.error().detail(), "). It is accepted because admin listens on ",
                    admin.listen.address, " only.");
  }
  return fail(codes::weak_secret,
              str::cat("ADMIN_PASSWORD: ", strong.error().detail(),
                       " Choose a stronger one, or unset it to have one made, or bind admin to 127.0.0.1."));
}

Result<void> store_user(ports::User user, std::string_view password, const AdminUserDeps& deps) {
  TG_TRY(crypto::PasswordHash hash, deps.hasher.hash(password));
  user.password_hash = std::move(hash.phc);
  const ports::AuditDraft draft{.actor = "tollgate",
                                .via = "start",
                                .network = {},
                                .action = user.revision == 0 ? "user.create" : "user.password",
                                .object = str::cat("user:", user.name),
                                .before = {},
                                .after = user.revision == 0 ? audit_text(user) : std::string(),
                                .reason = "the configuration says so"};
  if (auto done = deps.users.put(std::move(user), {.note = {.audit = &draft}}); !done) {
    return std::unexpected(std::move(done).error());
  }
  return {};
}

ports::User new_user(const std::string& name, WallTime now) {
  ports::User user;
  user.name = name;
  user.created_at = now;
  return user;
}

Result<void> apply_configured_password(const config::AdminConfig& admin, const std::string& password_file,
                                       const AdminUserDeps& deps) {
  TG_TRY(std::optional<ports::User> user, deps.users.find(admin.username));
  if (user) {
    TG_TRY(const bool same, deps.hasher.verify(*admin.password, crypto::PasswordHash{user->password_hash}));
    if (same) return {};
    ++user->token_version;  // whoever knew the old password is logged out
  }
  const WallTime now = deps.clock.wall_now();
  auto stored = store_user(user ? *std::move(user) : new_user(admin.username, now), *admin.password, deps);
  if (stored) std::remove(password_file.c_str());  // a password made earlier does not work any more
  return stored;
}

}  // namespace

Result<void> check_admin_exposure(const config::AdminConfig& config) {
  if (is_loopback(config.listen) || config.insecure_admin) return {};
  return fail(codes::config_invalid,
              str::cat("admin would listen on ", config.listen.address, ":", config.listen.port,
                       " without TLS, so passwords and tokens could be read on the way. Bind it to 127.0.0.1 behind a ",
                       "proxy that speaks TLS, or say --insecure-admin if the network is trusted."));
}

Result<std::string> provide_service_token(const config::Config& config) {
  return provide_secret(
      {.name = "SERVICE_TOKEN", .value = config.service_token, .path = config.data_dir + "/service-token"});
}

Result<std::string> provide_jwt_secret(const config::Config& config) {
  return provide_secret(
      {.name = "JWT_SECRET", .value = config.admin.jwt_secret, .path = config.data_dir + "/jwt-secret"});
}

Result<AdminUserReady> ensure_admin_user(const config::Config& config, const AdminUserDeps& deps) {
  AdminUserReady ready;
  ready.password_file = config.data_dir + "/admin-password";
  if (auto is_private = check_private(ready.password_file); !is_private) {
    return std::unexpected(std::move(is_private).error());
  }
  if (config.admin.password) {
    TG_TRY(ready.warning, judge_password(config.admin));
    if (auto done = apply_configured_password(config.admin, ready.password_file, deps); !done) {
      return std::unexpected(std::move(done).error());
    }
    return ready;
  }
  TG_TRY(const std::optional<ports::User> known, deps.users.find(config.admin.username));
  if (known) return ready;
  std::string password = random_base62(kPasswordLength);
  // The file first: a user whose password nobody can learn would be locked out for good.
  if (auto done = write_file_atomic(ready.password_file, password + "\n", 0600); !done) {
    return std::unexpected(std::move(done).error());
  }
  if (auto done = store_user(new_user(config.admin.username, deps.clock.wall_now()), password, deps); !done) {
    return std::unexpected(std::move(done).error());
  }
  ready.generated_password = std::move(password);
  return ready;
}

}  // namespace tollgate::services
