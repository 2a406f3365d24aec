// Who sent a request, and what roles may do. Each role may do everything that the ones before it may.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace tollgate::services {

enum class AdminRole : std::uint8_t {
  viewer,  // read
  // NOLINTNEXTLINE(readability-identifier-naming): `operator` is a keyword
  operator_,  // and write keys
  admin,      // and write tiers
};

inline std::optional<AdminRole> parse_admin_role(std::string_view text) {
  if (text == "viewer") return AdminRole::viewer;
  if (text == "operator") return AdminRole::operator_;
  if (text == "admin") return AdminRole::admin;
  return std::nullopt;
}

inline std::string_view role_name(AdminRole role) {
  switch (role) {
    case AdminRole::viewer: return "viewer";
    case AdminRole::operator_: return "operator";
    case AdminRole::admin: return "admin";
  }
  return "viewer";
}

// How a caller showed who they are.
enum class CallerVia : std::uint8_t {
  token,    // Authorization: Bearer
  session,  // the cookie of a browser that signed in
};

inline std::string_view via_name(CallerVia via) {
  return via == CallerVia::token ? "token" : "session";
}

// What a token or a session said, once it has been checked.
struct AdminCaller {
  std::string name;
  AdminRole role = AdminRole::viewer;
  CallerVia via = CallerVia::token;
  std::string credential_id;  // the token's jti, or the session's id
  WallTime expires_at{};
};

// forbidden, naming the role, for a caller who has less.
inline Result<void> require_role(const AdminCaller& caller, AdminRole least) {
  if (caller.role >= least) return {};
  return fail(codes::forbidden, "This needs the role " + std::string(role_name(least)) + ".");
}

}  // namespace tollgate::services
