// Who may use the limiter's and analytics' endpoints: the other services, by the service token, and people who are
// logged in. Of those a viewer may read; whatever is no GET takes tokens or adds records and needs an operator. Leaves
// who it is as a std::string in Request::caller(): "service", or "user " and the name.
//
// Thread safety: any loop.
#pragma once

#include <functional>
#include <string>

#include "http/router.h"
#include "runtime/blocking_pool.h"
#include "services/admin/session/admin_caller.h"

namespace tollgate::cli {

class CallerGuard {
 public:
  // Whose token that is, or unauthenticated_admin. Runs on the pool.
  using TokenCheck = std::function<Result<services::AdminCaller>(std::string_view token)>;

  CallerGuard(std::string service_token, runtime::BlockingPool& pool, TokenCheck check_token)
      : service_token_(std::move(service_token)), pool_(pool), check_token_(std::move(check_token)) {}
  CallerGuard(const CallerGuard&) = delete;
  CallerGuard& operator=(const CallerGuard&) = delete;
  ~CallerGuard() = default;

  // Outlived by this.
  http::Guard guard() {
    return [this](http::Request& request) { return check(request); };
  }

 private:
  Task<Result<void>> check(http::Request& request);

  std::string service_token_;
  runtime::BlockingPool& pool_;
  TokenCheck check_token_;
};

}  // namespace tollgate::cli
