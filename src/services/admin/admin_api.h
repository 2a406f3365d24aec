// Puts endpoints on the router: who may call them, and on which thread they run.
//
// Most endpoints are plain functions that may block; they run on the pool while the request's coroutine waits. Every
// endpoint needs a caller of at least the given role; open ones are added to the router directly.
// Thread safety: add before serving; then any loop.
#pragma once

#include <functional>
#include <string_view>

#include "http/router.h"
#include "runtime/blocking_pool.h"
#include "services/admin/once.h"
#include "services/admin/session/admin_caller.h"
#include "services/admin/session/callers.h"

namespace tollgate::services {

// The caller that the guard let pass.
const AdminCaller& caller_of(http::Request& request);
// The response for an endpoint's result; failures of our own go to the log.
http::Response finish_response(http::Request& request, Result<http::Response> result);

class AdminApi {
 public:
  static constexpr std::size_t kMaxBodyBytes = 64 * 1024;

  using Work = std::function<Result<http::Response>(http::Request&)>;
  // For what has to wait on the request's loop.
  using WaitingWork = std::function<Task<Result<http::Response>>(http::Request&)>;

  // `keys` is asked about repeated requests.
  AdminApi(http::Router& router, runtime::BlockingPool& pool, const Callers& callers, ports::KeyStore& keys)
      : router_(router), pool_(pool), callers_(callers), keys_(keys) {}
  AdminApi(const AdminApi&) = delete;
  AdminApi& operator=(const AdminApi&) = delete;
  ~AdminApi() = default;

  void add(std::string_view pattern, AdminRole least, Work work, std::size_t max_body_bytes = kMaxBodyBytes);
  // What a POST changes is changed once for an Idempotency-Key (once.h).
  void add_change(std::string_view pattern, AdminRole least, Change change, ShowAgain show_again);
  void add_waiting(std::string_view pattern, AdminRole least, WaitingWork work);
  // Behind another guard, or none.
  void add_guarded(std::string_view pattern, http::Guard guard, Work work, std::size_t max_body_bytes = kMaxBodyBytes);

  // Lets callers of at least that role pass, and leaves who it is for caller_of(). Outlived by this.
  http::Guard guard(AdminRole least);

 private:
  Task<Result<void>> check(http::Request& request, AdminRole least);
  Task<http::Response> run(http::Request& request, const Work& work);
  static Task<http::Response> run_waiting(http::Request& request, const WaitingWork& work);

  http::Router& router_;
  runtime::BlockingPool& pool_;
  const Callers& callers_;
  ports::KeyStore& keys_;
};

}  // namespace tollgate::services
