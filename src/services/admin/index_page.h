// GET /: a page without scripts that says where the API is.
#pragma once

#include "http/router.h"

namespace tollgate::services {

void add_index_page(http::Router& router);

}  // namespace tollgate::services
