// POST /api/admin/login, /logout and GET /me.
//
// A wrong user name and a wrong password are the same answer after the same work. Passwords are checked two at a time
// on threads of their own; when sixteen more wait, the next is told 503, so logins cannot take the server down.
//
// Thread safety: any loop. Every attempt is logged, without the password, and with the name only if such a user exists:
// people type passwords into name fields.
#pragma once

#include <atomic>

#include "crypto/password_hasher.h"
#include "http/router.h"
#include "ports/user_store.h"
#include "runtime/blocking_pool.h"
#include "services/admin/admin_api.h"
#include "services/admin/admin_tokens.h"
#include "services/admin/login_throttle.h"

namespace tollgate::services {

class Login {
 public:
  struct Deps {
    ports::UserStore& users;
    crypto::PasswordHasher& hasher;
    const AdminTokens& tokens;
    const Clock& clock;
  };
  Login(const Deps& deps, const LoginThrottleOptions& throttle) : deps_(deps), throttle_(throttle) {}

  void add_to(http::Router& router, AdminApi& api);

 private:
  struct Credentials {
    std::string username;
    std::string password;
  };
  enum class Verdict : std::uint8_t { right, wrong_password, no_such_user };
  struct Checked {
    Verdict verdict = Verdict::no_such_user;
    ports::User user;
  };

  static Result<Credentials> read_credentials(const http::Request& request);
  Task<http::Response> login(http::Request& request);
  Task<Result<Checked>> check_on_pool(http::Request& request, const Credentials& credentials);
  Result<Checked> check(const Credentials& credentials);
  void renew_hash(ports::User& user, const std::string& password);
  Result<http::Response> logout(http::Request& request);
  static Result<http::Response> me(http::Request& request);

  static constexpr int kLoginsAtOnce = 2 + 16;

  Deps deps_;
  LoginThrottle throttle_;
  std::atomic<int> logins_{0};
  runtime::BlockingPool pool_{2};
};

}  // namespace tollgate::services
