// /api/admin/config: the settings in force as a file, and what another file would make of them.
//
// A file is read as at a start: with the environment and the flags that this process was started with. Secrets are no
// settings. Thread safety: any loop.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "config/load.h"
#include "config/settings.h"
#include "ports/audit_log.h"
#include "services/admin/admin_api.h"

namespace tollgate::services {

class ConfigEndpoints {
 public:
  struct Deps {
    config::Config in_force;  // as it was loaded
    config::LoadInput input;
    ports::AuditLog& audit;
    std::function<void(const std::string& level)> set_log_level;
  };
  explicit ConfigEndpoints(Deps deps) : deps_(std::move(deps)), in_force_(config::settings_of(deps_.in_force)) {}

  void add_to(AdminApi& api);

 private:
  Result<http::Response> show() const;
  Result<http::Response> validate(const http::Request& request) const;
  Result<http::Response> diff(const http::Request& request) const;
  Result<http::Response> apply(http::Request& request);
  // What the file in the body would change.
  Result<std::vector<config::SettingChange>> changes(const http::Request& request) const;

  const Deps deps_;
  mutable std::mutex mutex_;
  std::vector<config::SettingText> in_force_;
};

}  // namespace tollgate::services
