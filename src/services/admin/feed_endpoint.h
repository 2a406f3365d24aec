// GET /api/admin/internal/changes: how gateways and limiters in other processes follow keys and tiers. The answer holds
// the hashes of secrets, so it takes the service token and never a person's.
// Thread safety: any thread that may block.
#pragma once

#include <string>

#include "ports/key_store.h"
#include "services/admin/admin_api.h"

namespace tollgate::services {

class FeedEndpoint {
 public:
  explicit FeedEndpoint(ports::KeyFeed& feed) : feed_(feed) {}
  void add_to(AdminApi& api, std::string service_token);

 private:
  Result<http::Response> changes(http::Request& request);
  ports::KeyFeed& feed_;
};

}  // namespace tollgate::services
