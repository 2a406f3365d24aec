// Passwords: from a name and a password to the user they belong to.
//
// A wrong user name and a wrong password are the same answer after the same work. Passwords are checked two at a time
// on threads of their own; when sixteen more wait, the next is told 503, so logins cannot take the server down.
//
// Thread safety: any loop. Every attempt is logged, without the password, and with the name only if such a user exists:
// people type passwords into name fields. Every attempt whose password was looked at is in the audit log as well:
// refused ones here, of which the throttle bounds the number, the others with the token or session that comes of them.
#pragma once

#include <atomic>
#include <expected>
#include <string>

#include "base/clock.h"
#include "crypto/password_hasher.h"
#include "http/request.h"
#include "http/response.h"
#include "ports/audit_log.h"
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
    ports::AuditLog& audit;
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
  // With these. The password is wiped. `refused`: the audit log's word for when they are wrong.
  Task<SignedIn> sign_in_as(http::Request& request, Credentials credentials, std::string_view refused);

  // For other work on passwords.
  runtime::BlockingPool& pool() { return pool_; }

 private:
  enum class Verdict : std::uint8_t { right, wrong_password, no_such_user, disabled };
  struct Checked {
    Verdict verdict = Verdict::no_such_user;
    ports::User user;
  };

  static std::string_view verdict_word(Verdict verdict);
  static Result<Credentials> read_credentials(const http::Request& request);
  Task<Result<Checked>> check_on_pool(http::Request& request, const Credentials& credentials, std::string_view refused);
  Result<Checked> check(const Credentials& credentials);
  void note_refusal(const http::Request& request, const Checked& checked, std::string_view refused);
  void renew_hash(ports::User& user, const std::string& password);

  static constexpr int kLoginsAtOnce = 2 + 16;

  Deps deps_;
  LoginThrottle throttle_;
  std::atomic<int> logins_{0};
  runtime::BlockingPool pool_{2};
};

}  // namespace tollgate::services
