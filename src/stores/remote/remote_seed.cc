#include "stores/remote/remote_seed.h"

#include "codec/limits/apply_protocol.h"

namespace tollgate::stores {

Result<std::uint64_t> remote_bucket_seed(ServiceClient& limiter) {
  TG_TRY(const std::string body, limiter.get("/api/limiter/seed"));
  auto seed = codec::decode_seed(body);
  if (!seed) return std::unexpected(unusable_answer(seed.error()));
  return seed;
}

}  // namespace tollgate::stores
