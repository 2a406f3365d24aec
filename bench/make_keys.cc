// Prints COUNT new API keys as CSV for the sqlite3 shell: id, hash of the secret in hex, last four characters, the key.
//
//   bench_make_keys COUNT
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/str.h"
#include "core/access/api_key.h"
#include "crypto/sha256.h"

namespace {

void print_key() {
  const std::string id = tollgate::random_base62(10);
  const std::string secret = tollgate::random_base62(tollgate::core::kKeySecretLength);
  const std::string key = tollgate::core::format_api_key({.prefix = "tg", .env = "live", .id = id, .secret = secret});
  const auto hash = tollgate::crypto::sha256(secret);
  const std::string hex = tollgate::str::to_hex({reinterpret_cast<const char*>(hash.data()), hash.size()});
  std::printf("%s,%s,%s,%s\n", id.c_str(), hex.c_str(), key.c_str() + key.size() - 4, key.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view text = argc == 2 ? argv[1] : "";
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
    std::fputs("usage: bench_make_keys COUNT\n", stderr);
    return 1;
  }
  for (; count > 0; --count) print_key();
}
