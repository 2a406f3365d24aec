// /api/admin/sessions, for browsers: sign in, see where one is signed in, sign out there. And GET /api/admin/me.
// Thread safety: any loop.
#pragma once

#include "http/router.h"
#include "ports/session_store.h"
#include "runtime/blocking_pool.h"
#include "services/admin/admin_api.h"
#include "services/admin/session/session_cookie.h"
#include "services/admin/session/sessions.h"
#include "services/admin/session/sign_in.h"

namespace tollgate::services {

class SessionEndpoints {
 public:
  struct Deps {
    SignIn& sign_in;
    const Sessions& sessions;
    ports::SessionStore& store;
    const SessionCookie& cookie;
    runtime::BlockingPool& pool;
  };
  explicit SessionEndpoints(const Deps& deps) : deps_(deps) {}

  void add_to(http::Router& router, AdminApi& api);

 private:
  Task<http::Response> open(http::Request& request);
  Result<http::Response> list(http::Request& request);
  Result<http::Response> end_one(http::Request& request);
  Result<http::Response> end_others(http::Request& request);
  static Result<http::Response> me(http::Request& request);

  Deps deps_;
};

}  // namespace tollgate::services
