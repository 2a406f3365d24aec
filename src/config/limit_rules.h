// What must hold between limits, routes and names, beyond each being well formed:
// a request never meets more than core::kMaxChecks limits, nor two of one name; a limit that several routes share is
// the same in each; a cost fits into its bucket; a limit per key or tier stands where a key is asked for; names have
// distinct references.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "config/setting.h"
#include "core/route/route.h"
#include "core/usage/names.h"

namespace tollgate::config {

class LimitRules {
 public:
  // `gateway` are the limits that every request meets.
  LimitRules(const Setting& setting, const std::vector<core::LimitRule>& gateway);

  void check(const Setting& setting, const core::Route& route);

 private:
  void check_name(const Setting& setting, core::NameKind kind, const std::string& name);
  void check_cost(const Setting& setting, const core::Route& route, const core::LimitRule& rule) const;
  void check_shared(const Setting& setting, const core::Route& route, const core::LimitRule& rule);

  struct FirstUse {
    std::string route;
    core::LimitRule rule;
  };
  const std::vector<core::LimitRule>& gateway_;
  std::map<std::string, FirstUse, std::less<>> shared_;
  std::map<std::pair<core::NameKind, core::NameRef>, std::string> names_;
};

}  // namespace tollgate::config
