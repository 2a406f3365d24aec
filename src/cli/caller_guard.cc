#include "cli/caller_guard.h"

#include "crypto/secret_bytes.h"

namespace tollgate::cli {

Task<Result<void>> CallerGuard::check(http::Request& request) {
  const std::string bearer(request.bearer());
  if (crypto::constant_time_equal(bearer, service_token_)) co_return Result<void>{};
  if (!tokens_ || bearer.empty()) co_return fail(codes::unauthenticated_admin);
  auto checked = co_await pool_.run(request.loop(), [&] { return tokens_->check(bearer); });
  if (!checked) co_return std::unexpected(std::move(checked).error());
  co_return Result<void>{};
}

}  // namespace tollgate::cli
