#include "services/admin/admin_api.h"

#include "telemetry/log.h"

namespace tollgate::services {

const AdminCaller& caller_of(http::Request& request) {
  const auto* caller = std::any_cast<AdminCaller>(&request.caller());
  TG_ASSERT(caller != nullptr);
  return *caller;
}

http::Response finish_response(http::Request& request, Result<http::Response> result) {
  if (result) return *std::move(result);
  const ErrorCode& code = result.error().code();
  if (code.source != ErrorSource::caller && code.name != codes::busy.name) {
    telemetry::log_error("admin", "request_failed", result.error());
  }
  http::Response response = http::problem(result.error(), request.id());
  if (code.retry == Retry::safe && response.status == 503) response.header("Retry-After", "1");
  return response;
}

http::Guard AdminApi::guard(AdminRole least) {
  return [this, least](http::Request& request) { return check(request, least); };
}

Task<Result<void>> AdminApi::check(http::Request& request, AdminRole least) {
  auto checking = pool_.run(request.loop(), [&] { return callers_.check(request); });
  auto caller = co_await checking;
  if (!caller) co_return std::unexpected(std::move(caller).error());
  if (auto allowed = require_role(*caller, least); !allowed) co_return allowed;
  request.caller() = *std::move(caller);
  co_return Result<void>{};
}

Task<http::Response> AdminApi::run(http::Request& request, const Work& work) {
  auto running = pool_.run(request.loop(), [&] { return work(request); });
  auto result = co_await running;
  co_return finish_response(request, std::move(result));
}

Task<http::Response> AdminApi::run_waiting(http::Request& request, const WaitingWork& work) {
  Task<Result<http::Response>> running = work(request);
  auto result = co_await running;
  co_return finish_response(request, std::move(result));
}

void AdminApi::add(std::string_view pattern, AdminRole least, Work work, std::size_t max_body_bytes) {
  add_guarded(pattern, guard(least), std::move(work), max_body_bytes);
}

void AdminApi::add_change(std::string_view pattern, AdminRole least, Change change, ShowAgain show_again) {
  add(pattern, least, [this, change = std::move(change), show_again = std::move(show_again)](http::Request& request) {
    return do_once(request, keys_, change, show_again);
  });
}

void AdminApi::add_waiting(std::string_view pattern, AdminRole least, WaitingWork work) {
  router_.add(pattern, {.guard = guard(least), .max_body_bytes = kMaxBodyBytes},
              [work = std::move(work)](http::Request& request) { return run_waiting(request, work); });
}

void AdminApi::add_guarded(std::string_view pattern, http::Guard guard, Work work, std::size_t max_body_bytes) {
  router_.add(pattern, {.guard = std::move(guard), .max_body_bytes = max_body_bytes},
              [this, work = std::move(work)](http::Request& request) { return run(request, work); });
}

}  // namespace tollgate::services
