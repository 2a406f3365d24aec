// From what a caller names to the buckets that are asked.
//
// A key that the directory knows, given by its id or whole, is counted in the key's own bucket, the one its requests
// through a gateway use. A whole key must have the right secret: whoever makes one up cannot spend somebody's tokens.
// Any other text is counted by itself under the default limit. Thread safety: const methods from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "ports/key_directory.h"
#include "services/limiter/check_request.h"

namespace tollgate::services {

// Checks with the rules and names they belong to. Movable; the pointers stay right.
struct CheckPlan {
  std::vector<core::TokenBucket> rules;
  std::vector<std::string> names;
  std::vector<core::LimitCheck> checks;

  CheckPlan() = default;
  ~CheckPlan() = default;
  CheckPlan(const CheckPlan&) = delete;
  CheckPlan& operator=(const CheckPlan&) = delete;
  CheckPlan(CheckPlan&&) = default;
  CheckPlan& operator=(CheckPlan&&) = default;
};

// A copy, so that nothing of the directory is held while a store is asked.
struct KnownKey {
  core::KeyId id;
  Hash128 bucket;
  core::TokenBucket rule;
  WallTime created{};
};

class CheckPlanner {
 public:
  struct Options {
    core::TokenBucket default_rule;
    std::uint64_t bucket_seed = 0;
  };
  // Both outlive the planner.
  CheckPlanner(const ports::KeyDirectory& keys, const Clock& clock, const Options& options)
      : keys_(keys), clock_(clock), options_(options) {}

  // Fails with limiter_unavailable while the directory is not loaded and the text could be a key.
  Result<CheckPlan> plan(const CheckRequest& request) const;
  // The key with that id, or with that whole text; nothing when there is none.
  Result<std::optional<KnownKey>> find(std::string_view id_or_key) const;

 private:
  const ports::KeyDirectory& keys_;
  const Clock& clock_;
  const Options options_;
};

}  // namespace tollgate::services
