// /api/admin/keys: create, list, read, replace, patch, delete; rotate, disable, enable; verify and look up; many at
// once. /api/admin/consumers: to whom they belong.
//
// A key's text is in the answer to its creation or rotation and nowhere else: not in that to a repetition with the same
// Idempotency-Key, which changes nothing and shows the key there is. Writes may carry If-Match; without it they apply
// to whatever is there. PUT replaces the numbers and the expiry (absent: the tier's, never);
// name, tier and status stay when absent. PATCH is a merge patch.
//
// Thread safety: any thread that may block.
#pragma once

#include <functional>

#include "base/clock.h"
#include "ports/key_store.h"
#include "services/admin/admin_api.h"
#include "services/admin/key_lookup.h"

namespace tollgate::services {

class KeyEndpoints {
 public:
  struct Deps {
    ports::KeyStore& keys;
    const Clock& clock;
    std::function<void()> changed;  // after each write that worked; may be empty
  };
  explicit KeyEndpoints(Deps deps) : deps_(std::move(deps)), lookup_(deps_.keys, deps_.clock) {}

  void add_to(AdminApi& api);

 private:
  // Changes a record in place, or says why not.
  using EditRecord = std::function<Result<void>(core::KeyRecord&)>;
  struct Edit {
    std::string_view event;   // for the operator's log
    std::string_view action;  // for the audit log
    EditRecord change;
    const ports::RequestMark* mark = nullptr;
  };
  struct Shown {
    const core::KeyRecord& record;
    std::string_view api_key;  // empty: not shown
    std::uint16_t status = 200;
    std::string_view notice = {};  // why its text is not shown; empty: nobody expects it
  };

  Result<http::Response> create(http::Request& request, const ports::RequestMark* mark);
  Result<http::Response> list(http::Request& request);
  Result<http::Response> get(http::Request& request);
  Result<http::Response> replace(http::Request& request);
  Result<http::Response> patch(http::Request& request);
  Result<http::Response> remove(http::Request& request);
  Result<http::Response> rotate(http::Request& request, const ports::RequestMark* mark);
  Result<http::Response> set_state(http::Request& request, core::KeyState state, const ports::RequestMark* mark);
  Result<http::Response> verify(http::Request& request);
  Result<http::Response> look_up(http::Request& request);
  Result<http::Response> bulk(http::Request& request, const ports::RequestMark* mark);
  Result<http::Response> show_bulk_again(http::Request& request);
  Result<http::Response> consumers(http::Request& request);

  Result<core::KeyRecord> edit(http::Request& request, const Edit& edit);
  Result<http::Response> edit_and_show(http::Request& request, const Edit& edit);
  Result<http::Response> show(const Shown& shown);
  Result<http::Response> show_again(const std::string& changed, std::string_view notice);
  void note_change(http::Request& request, std::string_view event, const core::KeyId& id);

  Deps deps_;
  KeyLookup lookup_;
};

}  // namespace tollgate::services
