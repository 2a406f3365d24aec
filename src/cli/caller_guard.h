// Who may use the limiter's and analytics' endpoints: the other services, by the service token, and people who are
// logged in.
#pragma once

#include <optional>
#include <string>

#include "http/router.h"
#include "runtime/blocking_pool.h"
#include "services/admin/admin_tokens.h"

namespace tollgate::cli {

class CallerGuard {
 public:
  // Without `tokens` (admin is elsewhere) only the service token opens.
  CallerGuard(std::string service_token, runtime::BlockingPool& pool, std::optional<services::AdminTokens> tokens)
      : service_token_(std::move(service_token)), pool_(pool), tokens_(std::move(tokens)) {}

  http::Guard guard() {
    return [this](http::Request& request) { return check(request); };
  }

 private:
  Task<Result<void>> check(http::Request& request);

  std::string service_token_;
  runtime::BlockingPool& pool_;
  std::optional<services::AdminTokens> tokens_;
};

}  // namespace tollgate::cli
