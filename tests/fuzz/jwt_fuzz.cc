// Any bytes as a token, and any bytes as the header and the claims of a token whose signature is right (split at the
// first line end): what is accepted names the one algorithm, is meant for us and is within its time.
#include <algorithm>

#include "base/assert.h"
#include "base/str.h"
#include "codec/jwt/jwt.h"
#include "crypto/sha256.h"

namespace tollgate::codec {
namespace {

constexpr std::string_view kSecret = "q8Zr3vXk1TtY7bWm0NcLp5JhGfDs9AeU2iOx";
const WallTime kNow = WallTime(Seconds(1'790'000'000));
const JwtRules kRules{.issuer = "tollgate", .audience = "admin"};

void check_accepted(const JwtClaims& claims) {
  TG_ASSERT(claims.iss == kRules.issuer && claims.aud == kRules.audience);
  TG_ASSERT(kNow < claims.exp + kRules.leeway && claims.iat <= kNow + kRules.leeway);
  TG_ASSERT(claims.exp > claims.iat && claims.exp - claims.iat <= kRules.max_lifetime);
  TG_ASSERT(!claims.sub.empty() && !claims.role.empty() && !claims.jti.empty());
}

std::string signed_token(std::string_view bytes) {
  const std::size_t cut = std::min(bytes.find('\n'), bytes.size());
  const std::string_view header = bytes.substr(0, cut), claims = bytes.substr(std::min(cut + 1, bytes.size()));
  std::string token = str::cat(str::to_base64url(header), ".", str::to_base64url(claims));
  const crypto::Digest256 mac = crypto::hmac_sha256({kSecret}, token);
  str::append(token, ".", str::to_base64url({reinterpret_cast<const char*>(mac.data()), mac.size()}));
  return token;
}

void check(std::string_view bytes) {
  static const JwtCodec codec = JwtCodec::make({{"k1", std::string(kSecret)}}, kRules).value();
  // Bytes that nobody signed are never accepted.
  TG_ASSERT(!codec.verify(bytes, kNow));
  const auto claims = codec.verify(signed_token(bytes), kNow);
  if (!claims) return;
  TG_ASSERT(bytes.find("HS256") != std::string_view::npos || bytes.find('\\') != std::string_view::npos);
  check_accepted(*claims);
}

}  // namespace
}  // namespace tollgate::codec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tollgate::codec::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
