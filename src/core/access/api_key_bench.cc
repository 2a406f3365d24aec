#include "core/access/api_key.h"

#include <benchmark/benchmark.h>

#include "base/random.h"

namespace tollgate::core {
namespace {

void parse_valid_key(benchmark::State& state) {
  const std::string id = random_base62(10), secret = random_base62(kKeySecretLength);
  const std::string text = format_api_key({.prefix = "tg", .env = "live", .id = id, .secret = secret});
  for (auto _ : state) benchmark::DoNotOptimize(parse_api_key(text));
}
BENCHMARK(parse_valid_key);

}  // namespace
}  // namespace tollgate::core
