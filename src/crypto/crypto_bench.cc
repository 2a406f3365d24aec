#include <benchmark/benchmark.h>

#include "base/random.h"
#include "crypto/password_hasher.h"
#include "crypto/secret_bytes.h"
#include "crypto/sha256.h"

namespace tollgate::crypto {
namespace {

void Sha256OfAKeySecret(benchmark::State& state) {
  const std::string secret = random_base62(43);
  for (auto _ : state) benchmark::DoNotOptimize(sha256(secret));
}
BENCHMARK(Sha256OfAKeySecret);

void HmacOfATokenSizedMessage(benchmark::State& state) {
  const std::string key = random_base62(43), message = random_base62(300);
  for (auto _ : state) benchmark::DoNotOptimize(hmac_sha256({key}, message));
}
BENCHMARK(HmacOfATokenSizedMessage);

void CompareDigests(benchmark::State& state) {
  const Digest256 a = sha256("a"), b = sha256("b");
  for (auto _ : state) benchmark::DoNotOptimize(constant_time_equal(a, b));
}
BENCHMARK(CompareDigests);

void VerifyAPassword(benchmark::State& state) {
  PasswordHasher hasher;
  const PasswordHash stored = hasher.hash("correct horse").value();
  for (auto _ : state) benchmark::DoNotOptimize(hasher.verify("correct horse", stored));
}
BENCHMARK(VerifyAPassword)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tollgate::crypto
