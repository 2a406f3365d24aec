#include "crypto/sha256.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "base/assert.h"

namespace tollgate::crypto {

// OpenSSL 3 deprecates these three in favour of EVP, whose look-up and allocation cost more than hashing 43 bytes does.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
Digest256 sha256(std::string_view bytes) noexcept {
  Digest256 digest;
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  SHA256_Final(digest.data(), &context);
  return digest;
}
#pragma GCC diagnostic pop

Digest256 hmac_sha256(HmacKey key, std::string_view message) noexcept {
  Digest256 digest;
  unsigned size = 0;
  // A null key would mean "the key of the call before".
  const char* const key_bytes = key.bytes.data() == nullptr ? "" : key.bytes.data();
  const auto* const done =
      HMAC(EVP_sha256(), key_bytes, static_cast<int>(key.bytes.size()),
           reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data(), &size);
  TG_ASSERT(done != nullptr && size == digest.size());
  return digest;
}

}  // namespace tollgate::crypto
