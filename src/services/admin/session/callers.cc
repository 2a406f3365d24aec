#include "services/admin/session/callers.h"

namespace tollgate::services {

Result<AdminCaller> Callers::check(const http::Request& request) const {
  if (!request.header(codec::HeaderId::authorization).empty()) return tokens_.check(request.bearer());
  TG_TRY(AdminCaller caller, sessions_.check(cookie_.read(request)));
  if (auto own = cookie_.expect_own_script(request); !own) return std::unexpected(std::move(own).error());
  return caller;
}

}  // namespace tollgate::services
