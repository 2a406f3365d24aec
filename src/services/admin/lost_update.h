// 412 for who wrote over what somebody else had changed: with what is there now, so that both versions can be shown.
// Thread safety: any thread that may block.
#pragma once

#include "services/admin/admin_api.h"

namespace tollgate::services {

// Does `write`; where that fails with precondition_failed, the answer has what `show`, asked with the same request,
// says is there, as `current` and with its ETag.
AdminApi::Work with_current(AdminApi::Work write, AdminApi::Work show);

}  // namespace tollgate::services
