// The seed that the limiter hashes bucket identities with. Whoever names buckets for it has to use the same one.
#pragma once

#include <cstdint>

#include "stores/remote/service_client.h"

namespace tollgate::stores {

// Blocks. store_unavailable when the limiter cannot be asked.
Result<std::uint64_t> remote_bucket_seed(ServiceClient& limiter);

}  // namespace tollgate::stores
