# shellcheck shell=bash disable=SC2154,SC2034  # the globals of bench/lib.sh
# CPU per request with 10,000 routes, against one route, for the same requests: 10,000 paths in turn.
readonly route_count=10000

# write_routes COUNT FILE: COUNT 1 is one route that takes every path.
write_routes() {
  awk -v n="$1" -v upstream="http://127.0.0.1:${port[upstream]}" '
    function route(name, path) {
      printf "    - name: %s\n      match: { path: \"%s\" }\n      upstream: \"%s\"\n", name, path, upstream
    }
    BEGIN {
      print "gateway:\n  routes:"
      if (n == 1) route("all", "/api/**")
      else for (i = 0; i < n; i++) route("route-" i, "/api/service-" i "/**")
    }' >"$2"
}

bench_routes() {
  local round name
  local -A keys cost
  local ratios=()
  start_upstream
  for name in one many; do
    write_routes "$([[ $name == one ]] && echo 1 || echo $route_count)" "$scratch/$name.yaml"
    start_tollgate "$name" --config "$scratch/$name.yaml"
    keys[$name]=$(make_key "$name" 1000000)
    key=${keys[$name]} load_routes "$name" 1 >/dev/null
  done
  for ((round = 1; round <= rounds; round++)); do
    for name in one many; do cost[$name]=$(key=${keys[$name]} load_routes "$name" "$seconds"); done
    note "routes round $round: 1 route ${cost[one]}, $route_count routes ${cost[many]} us/request"
    ratios+=("$(ratio "${cost[many]}" "${cost[one]}")")
  done
  emit routes cpu_10000_vs_1 "${ratios[@]}"
}

load_routes() { load "$1" "$2" served -s "$here/wrk/paths.lua" "$(url "$1" /)" -- "$route_count"; }
