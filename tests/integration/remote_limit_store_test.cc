// The whole way of a check from a gateway in another process: the contract of limit stores, over HTTP.
#include "stores/remote/remote_limit_store.h"

#include "http/server.h"
#include "http/service_endpoints.h"
#include "services/limiter/limiter_service.h"
#include "stores/memory/key_table.h"
#include "stores/memory/memory_limit_store.h"
#include "tests/contract/limit_store_contract.h"

namespace tollgate::testing {
namespace {

// Makes every call on a loop's thread and waits for it, as the contract's tests expect of a store.
class FromOutside final : public ports::LimitStore {
 public:
  FromOutside(runtime::LoopThread& thread, ports::LimitStore& store) : thread_(thread), store_(store) {}
  Task<Result<core::LimitOutcome>> apply(std::span<const core::LimitCheck> checks,
                                         ports::ApplyOptions options) override {
    co_return thread_.await([&] { return store_.apply(checks, options); });
  }
  Task<Result<core::LimitAnswer>> read(core::LimitCheck check) override {
    co_return thread_.await([&] { return store_.read(check); });
  }
  Task<Result<void>> reset(core::LimitCheck check) override {
    co_return thread_.await([&] { return store_.reset(check); });
  }
  Task<Result<void>> migrate(core::LimitCheck from, core::LimitCheck to) override {
    co_return thread_.await([&] { return store_.migrate(from, to); });
  }

 private:
  runtime::LoopThread& thread_;
  ports::LimitStore& store_;
};

struct RemoteHarness {
  static constexpr const char* kToken = "the-service-token";

  ManualClock clock;
  std::unique_ptr<stores::MemoryLimitStore> memory = std::move(*stores::MemoryLimitStore::open(clock, {}));
  stores::KeyTable keys{1};
  services::LimiterService limiter{
      *memory,
      keys,
      clock,
      {.guard = http::service_token_guard(kToken),
       .internal_guard = http::service_token_guard(kToken),
       .default_rule = rule_of({.refill_micro = 1, .max_burst = 1, .tokens_per_window = 1})}};
  runtime::LoopThread limiter_thread{"limiter"};
  runtime::LoopThread gateway_thread{"gateway"};
  std::unique_ptr<http::Server> server = *http::Server::start(
      {&limiter_thread}, limiter.router(), {.address = {.ip = IpAddress::v4({127, 0, 0, 1}), .port = 0}});
  // Nothing here is about lateness.
  std::unique_ptr<stores::RemoteLimitStore> remote = *stores::RemoteLimitStore::make(
      {&gateway_thread}, {.url = server->url(), .service_token = kToken, .deadline = Seconds(10)});
  FromOutside outside{gateway_thread, *remote};

  ports::LimitStore& store() { return outside; }
  void advance(Nanos by) { clock.advance(by); }
  core::LimiterTime now() const { return memory->now(); }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Remote, LimitStoreContract, RemoteHarness);

}  // namespace
}  // namespace tollgate::testing
