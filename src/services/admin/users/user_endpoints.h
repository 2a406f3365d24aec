// /api/admin/users: the people who may sign in, and what they may do. For admins alone.
//
// A change of role, of the password, or being disabled ends every session and token of the user. The last admin who may
// sign in stays. Nobody's password is ever shown.
// Thread safety: any thread that may block.
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "crypto/password_hasher.h"
#include "ports/user_store.h"
#include "services/admin/admin_api.h"

namespace tollgate::services {

class UserEndpoints {
 public:
  struct Deps {
    ports::UserStore& users;
    crypto::PasswordHasher& hasher;
    const Clock& clock;
  };
  explicit UserEndpoints(const Deps& deps) : deps_(deps) {}

  void add_to(AdminApi& api);

 private:
  // Changes a user in place, or says why not.
  using EditUser = std::function<Result<void>(ports::User&)>;

  Result<http::Response> list(http::Request& request);
  Result<http::Response> create(http::Request& request, const ports::RequestMark* mark);
  Result<http::Response> get(http::Request& request);
  Result<http::Response> patch(http::Request& request);
  Result<http::Response> remove(http::Request& request);
  Result<http::Response> set_password(http::Request& request);
  Result<http::Response> end_sessions(http::Request& request);
  Result<http::Response> show_again(const std::string& changed);

  Result<ports::User> find(const std::string& name);
  Result<ports::User> edit(http::Request& request, std::string_view action, const EditUser& change);
  Result<std::string> hash(const std::string& user, std::string& password, std::string_view pointer);

  Deps deps_;
};

}  // namespace tollgate::services
