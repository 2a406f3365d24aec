// /api/admin/tiers: the plans that keys are sold under. A change of numbers applies to every key of the tier that has
// none of its own, at once. Thread safety: any thread that may block.
#pragma once

#include <functional>

#include "ports/key_store.h"
#include "services/admin/admin_api.h"

namespace tollgate::services {

class TierEndpoints {
 public:
  TierEndpoints(ports::KeyStore& keys, std::function<void()> changed) : keys_(keys), changed_(std::move(changed)) {}

  void add_to(AdminApi& api);

 private:
  Result<http::Response> list();
  Result<http::Response> create(http::Request& request, const ports::RequestMark* mark);
  Result<http::Response> show_again(const std::string& changed);
  Result<http::Response> get(http::Request& request);
  Result<http::Response> replace(http::Request& request);
  Result<http::Response> remove(http::Request& request);
  void note_change(http::Request& request, std::string_view event, const std::string& tier);

  ports::KeyStore& keys_;
  std::function<void()> changed_;
};

}  // namespace tollgate::services
