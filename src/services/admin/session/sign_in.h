// Passwords: from a name and a password to the user they belong to.
//
// A wrong user name and a wrong password are the same answer after the same work. Passwords are checked two at a time
// on threads of their own; when sixteen more wait, the next is told 503, so logins cannot take the server down.
//
// Thread safety: any loop. Every attempt is logged, without the password, and with the name only if such a user exists:
// people type passwords into name fields.
#pragma once

#include <atomic>
#include <expected>
#include <string>

#include "base/clock.h"
#include "crypto/password_hasher.h"
#include "http/request.h"
#include "http/response.h"
#include "ports/user_store.h"
#include "runtime/blocking_pool.h"
#include "services/admin/session/login_throttle.h"

namespace tollgate::services {

class SignIn {
 public:
  static constexpr std::size_t kMaxBodyBytes = 8 * 1024;

  struct Deps {
    ports::UserStore& users;
    crypto::PasswordHasher& hasher;
    const Clock& clock;
  };
  struct Credentials {
    std::string username;
    std::string password;
  };
  // Or the answer that says why not.
  using SignedIn = std::expected<ports::User, http::Response>;

  SignIn(const Deps& deps, const LoginThrottleOptions& throttle) : deps_(deps), throttle_(throttle) {}
  SignIn(const SignIn&) = delete;
  SignIn& operator=(const SignIn&) = delete;
  ~SignIn() = default;

  // With the credentials in the request's body.
  Task<SignedIn> sign_in(http::Request& request);
  // With these. The password is wiped.
  Task<SignedIn> sign_in_as(http::Request& request, Credentials credentials);

  // For other work on passwords.
  runtime::BlockingPool& pool() { return pool_; }

 private:
  enum class Verdict : std::uint8_t { right, wrong_password, no_such_user };
  struct Checked {
    Verdict verdict = Verdict::no_such_user;
    ports::User user;
  };

  static Result<Credentials> read_credentials(const http::Request& request);
  Task<Result<Checked>> check_on_pool(http::Request& request, const Credentials& credentials);
  Result<Checked> check(const Credentials& credentials);
  void renew_hash(ports::User& user, const std::string& password);

  static constexpr int kLoginsAtOnce = 2 + 16;

  Deps deps_;
  LoginThrottle throttle_;
  std::atomic<int> logins_{0};
  runtime::BlockingPool pool_{2};
};

}  // namespace tollgate::services
