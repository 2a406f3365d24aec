#include <benchmark/benchmark.h>

#include "base/random.h"
#include "crypto/password_hasher.h"
#include "crypto/secret_bytes.h"
#include "crypto/sha256.h"

namespace tollgate::crypto {
namespace {

void sha256_of_a_key_secret(benchmark::State& state) {
  const std::string secret = random_base62(43);
  for (auto _ : state) benchmark::DoNotOptimize(sha256(secret));
}
BENCHMARK(sha256_of_a_key_secret);

void hmac_of_a_token_sized_message(benchmark::State& state) {
  const std::string key = random_base62(43), message = random_base62(300);
  for (auto _ : state) benchmark::DoNotOptimize(hmac_sha256({key}, message));
}
BENCHMARK(hmac_of_a_token_sized_message);

void compare_digests(benchmark::State& state) {
  const Digest256 a = sha256("a"), b = sha256("b");
  for (auto _ : state) benchmark::DoNotOptimize(constant_time_equal(a, b));
}
BENCHMARK(compare_digests);

void verify_a_password(benchmark::State& state) {
  PasswordHasher hasher;
  const PasswordHash stored = hasher.hash("correct horse").value();
  for (auto _ : state) benchmark::DoNotOptimize(hasher.verify("correct horse", stored));
}
BENCHMARK(verify_a_password)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tollgate::crypto
