# shellcheck shell=bash disable=SC2154,SC2034  # the globals of bench/lib.sh
# Resident memory per idle keep-alive connection that has served one request. A fresh process each round.
readonly idle_count=10000

rss_bytes() { awk '/^VmRSS/ { print $2 * 1024 }' "/proc/$1/status"; }

bench_idle() {
  local round before after name
  local each=()
  start_upstream
  for ((round = 1; round <= rounds; round++)); do
    name=tollgate-$round
    start_tollgate "$name" --upstream "http://127.0.0.1:${port[upstream]}"
    key=$(make_key "$name" 1000000)
    load "$name" 1 served "$(url "$name")" >/dev/null  # what a worker allocates once is not a connection's
    sleep 1
    before=$(rss_bytes "${pid[$name]}")
    exec {hold}> >(
      exec "$programs/bench_idle_connections" "${port[$name]}" "$idle_count" "$key" /api/data >"$scratch/idle"
    )
    wait_until 60 "$name" test -s "$scratch/idle"
    sleep 2
    after=$(rss_bytes "${pid[$name]}")
    exec {hold}>&-
    stop "${pid[$name]}"
    rm "$scratch/idle"
    each+=($(((after - before) / idle_count)))
    note "idle round $round: ${each[-1]} bytes a connection, process $((before >> 20)) MiB before"
  done
  emit idle rss_per_connection "${each[@]}"
}
