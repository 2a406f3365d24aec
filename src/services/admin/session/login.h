// POST /api/admin/login and /logout: bearer tokens, for scripts.
// Thread safety: any loop.
#pragma once

#include "http/router.h"
#include "ports/audit_log.h"
#include "ports/session_store.h"
#include "runtime/blocking_pool.h"
#include "services/admin/admin_api.h"
#include "services/admin/session/admin_tokens.h"
#include "services/admin/session/session_cookie.h"
#include "services/admin/session/sign_in.h"

namespace tollgate::services {

class Login {
 public:
  struct Deps {
    SignIn& sign_in;
    const AdminTokens& tokens;
    ports::SessionStore& sessions;
    const SessionCookie& cookie;
    ports::AuditLog& audit;
    runtime::BlockingPool& pool;
  };
  explicit Login(const Deps& deps) : deps_(deps) {}

  void add_to(http::Router& router, AdminApi& api);

 private:
  Task<http::Response> login(http::Request& request);
  Result<http::Response> logout(http::Request& request);

  Deps deps_;
};

}  // namespace tollgate::services
