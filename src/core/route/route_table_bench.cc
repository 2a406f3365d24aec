// What finding a route costs, with one route and with ten thousand: paths of three segments, keys spread over the
// table.
#include <benchmark/benchmark.h>

#include "base/assert.h"
#include "base/str.h"
#include "core/route/route_table.h"

namespace tollgate::core {
namespace {

constexpr std::uint32_t kServices = 100;

RouteTable make_table(std::uint32_t count, bool with_hosts) {
  std::vector<Route> routes;
  for (std::uint32_t i = 0; i < count; ++i) {
    Route route;
    route.name = str::cat("route-", i);
    route.path = str::cat("/api/service-", i % kServices, "/resource-", i, i % 2 == 0 ? "" : "/**");
    if (with_hosts) route.hosts = {str::cat("tenant-", i % kServices, ".example.com")};
    routes.push_back(std::move(route));
  }
  auto table = RouteTable::build(std::move(routes));
  TG_ASSERT(table.has_value());
  return *std::move(table);
}

void run(benchmark::State& state, bool with_hosts) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  const RouteTable table = make_table(count, with_hosts);
  struct Asked {
    std::string host;
    std::string path;
  };
  std::vector<Asked> asked;
  for (std::uint32_t i = 0; i < 4096; ++i) {
    const std::uint32_t n = i * 2'654'435'761u % count;
    asked.push_back({str::cat("tenant-", n % kServices, ".example.com"),
                     str::cat("/api/service-", n % kServices, "/resource-", n)});
  }
  std::size_t at = 0;
  for (auto _ : state) {
    const Asked& one = asked[at++ & 4095];
    const RouteMatch match = table.match(one.host, one.path, kGet);
    TG_ASSERT(match.route >= 0);
    benchmark::DoNotOptimize(match);
  }
}

void match_path(benchmark::State& state) {
  run(state, false);
}
void match_host_and_path(benchmark::State& state) {
  run(state, true);
}
BENCHMARK(match_path)->Arg(1)->Arg(10'000);
BENCHMARK(match_host_and_path)->Arg(1)->Arg(10'000);

}  // namespace
}  // namespace tollgate::core
