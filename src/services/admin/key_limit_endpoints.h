// What a key may still do and has done: its live bucket, the limits it meets, its usage.
// Thread safety: any loop.
#pragma once

#include <vector>

#include "core/route/route.h"
#include "ports/key_directory.h"
#include "ports/key_store.h"
#include "ports/limit_store.h"
#include "ports/usage_store.h"
#include "runtime/blocking_pool.h"
#include "services/admin/admin_api.h"
#include "services/admin/key_lookup.h"

namespace tollgate::services {

class KeyLimitEndpoints {
 public:
  struct Deps {
    ports::KeyStore& keys;
    const Clock& clock;
    runtime::BlockingPool& pool;
    // Both or neither: without them live buckets are elsewhere, and asking for them is limiter_unavailable.
    ports::LimitStore* limits = nullptr;
    const ports::KeyDirectory* directory = nullptr;
    ports::UsageReader* usage = nullptr;  // without: store_unavailable
    std::vector<core::LimitRule> gateway_limits;
    std::vector<core::Route> routes;
  };
  explicit KeyLimitEndpoints(Deps deps) : deps_(std::move(deps)), lookup_(deps_.keys, deps_.clock) {}

  void add_to(AdminApi& api);

 private:
  struct Bucket {
    core::KeyId id;
    core::TokenBucket rule;
    core::LimitCheck check;  // its rule is filled in by whoever asks
  };

  Task<Result<core::KeyRecord>> find_key(http::Request& request);
  Task<Result<Bucket>> find_bucket(http::Request& request);
  Task<Result<http::Response>> state(http::Request& request);
  Task<Result<http::Response>> reset(http::Request& request);
  Result<void> note_reset(const ports::WriteNote& note, core::KeyId id);
  Result<http::Response> effective_limits(http::Request& request);
  Result<http::Response> usage(http::Request& request);

  Deps deps_;
  KeyLookup lookup_;
};

}  // namespace tollgate::services
