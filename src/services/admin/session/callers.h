// Who is calling admin: a bearer token, or the cookie of a browser that signed in. A request that has both is judged
// by its token alone, which no other site can make a browser send.
//
// Thread safety: any thread that may block.
#pragma once

#include "http/request.h"
#include "services/admin/session/admin_tokens.h"
#include "services/admin/session/session_cookie.h"
#include "services/admin/session/sessions.h"

namespace tollgate::services {

class Callers {
 public:
  Callers(const AdminTokens& tokens, const Sessions& sessions, const SessionCookie& cookie)
      : tokens_(tokens), sessions_(sessions), cookie_(cookie) {}

  // unauthenticated_admin, or csrf.
  Result<AdminCaller> check(const http::Request& request) const;

 private:
  const AdminTokens& tokens_;
  const Sessions& sessions_;
  const SessionCookie& cookie_;
};

}  // namespace tollgate::services
