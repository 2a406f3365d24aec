#include "cli/caller_guard.h"

#include "base/str.h"
#include "crypto/secret_bytes.h"

namespace tollgate::cli {

using services::AdminRole;

Task<Result<void>> CallerGuard::check(http::Request& request) {
  const std::string bearer(request.bearer());
  if (crypto::constant_time_equal(bearer, service_token_)) {
    request.caller() = std::string("service");
    co_return Result<void>{};
  }
  if (bearer.empty()) co_return fail(codes::unauthenticated_admin);
  auto checking = pool_.run(request.loop(), [&] { return check_token_(bearer); });
  const auto caller = co_await checking;
  if (!caller) co_return std::unexpected(caller.error());
  request.caller() = str::cat("user ", caller->name);
  const bool reads = request.method() == "GET" || request.method() == "HEAD";
  co_return services::require_role(*caller, reads ? AdminRole::viewer : AdminRole::operator_);
}

}  // namespace tollgate::cli
