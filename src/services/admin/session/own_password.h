// PUT /api/admin/me/password: for whoever knows the current one. Every other session and every token of theirs ends;
// the session that it is done from goes on.
//
// The current password is checked under the throttle of a login: a stolen session is no way to guess it.
// Thread safety: any loop.
#pragma once

#include <string>

#include "crypto/password_hasher.h"
#include "ports/user_store.h"
#include "services/admin/admin_api.h"
#include "services/admin/session/sign_in.h"

namespace tollgate::services {

class OwnPassword {
 public:
  struct Deps {
    SignIn& sign_in;
    ports::UserStore& users;
    crypto::PasswordHasher& hasher;
  };
  explicit OwnPassword(const Deps& deps) : deps_(deps) {}

  void add_to(AdminApi& api);

 private:
  struct Change {
    std::string current;
    std::string wanted;
  };
  static Result<Change> read_change(http::Request& request);
  Task<Result<http::Response>> change(http::Request& request);
  Result<http::Response> store(http::Request& request, ports::User user, const std::string& password);

  Deps deps_;
};

}  // namespace tollgate::services
