# shellcheck shell=bash disable=SC2154,SC2034  # the globals of bench/lib.sh
# What the decision log costs per proxied request, against the same binary that leaves no record (the bench build alone
# knows TOLLGATE_BENCH_LOG): the CPU of a gateway's process, with analytics in another; that of all services in one
# process, with analytics and its stores; and what of it the worker pays, which is what a client waits for.

# Nanoseconds that the threads of a process whose names begin with PREFIX have run.
thread_ns() {
  local task name ran rest total=0
  for task in "/proc/$1/task"/*; do
    name=$(<"$task/comm") && read -r ran rest <"$task/schedstat" || continue
    [[ $name == "$2"* ]] && total=$((total + ran))
  done
  echo "$total"
}

# load_log NAME SECONDS: prints CPU microseconds per request, of the process and of its worker.
load_log() {
  local all workers cost
  all=$(thread_ns "${pid[$1]}" '') workers=$(thread_ns "${pid[$1]}" worker)
  cost=$(load "$1" "$2" served "$(url "$1")")
  all=$(($(thread_ns "${pid[$1]}" '') - all)) workers=$(($(thread_ns "${pid[$1]}" worker) - workers))
  awk -v cost="$cost" -v all="$all" -v workers="$workers" 'BEGIN { printf "%.4f %.4f\n", cost, cost * workers / all }'
}

# A gateway of its own, NAME; analytics and admin are processes that both gateways share.
start_gateway_apart() {
  export ANALYTICS_SERVICE_URL="http://127.0.0.1:${port[analytics]}" ADMIN_URL="http://127.0.0.1:${port[admin]}"
  TOLLGATE_BENCH_LOG=$1 start_service "$1" gateway "$gateway_cpu" --workers 1 \
    --upstream "http://127.0.0.1:${port[upstream]}"
  unset ANALYTICS_SERVICE_URL ADMIN_URL
}

# compare_logs FIGURE: rounds of the instances `on` and `off`, each with its key in ${keys[NAME]}.
compare_logs() {
  local round name
  local -A cost worker
  local ratios=()
  for name in on off; do
    wait_until 10 "$name" is_served "$name"
    key=${keys[$name]} load_log "$name" 1 >/dev/null
  done
  for ((round = 1; round <= rounds; round++)); do
    for name in on off; do
      read -r cost[$name] worker[$name] < <(key=${keys[$name]} load_log "$name" "$seconds")
    done
    note "log round $round: on ${cost[on]} (worker ${worker[on]}), off ${cost[off]} (worker ${worker[off]}) us/request"
    ratios+=("$(ratio "${cost[on]}" "${cost[off]}")")
    times+=("$(awk -v on="${worker[on]}" -v off="${worker[off]}" 'BEGIN { printf "%.4f\n", on - off }')")
  done
  emit log "$1" "${ratios[@]}"
}

# What is not shipped costs nothing and proves nothing.
has_stored_records() { curl -sf "$(url "$1" /metrics)" | grep -q '^tollgate_log_stored_total [1-9]'; }

# A gateway learns of a key within a second.
is_served() { curl -sf -o /dev/null -H "X-API-Key: ${keys[$1]}" "$(url "$1")"; }

bench_log() {
  local name
  local -A keys
  local times=()
  start_upstream
  start_service analytics analytics "$load_cpus"
  start_service admin admin "$load_cpus"
  for name in on off; do
    start_gateway_apart "$name"
    keys[$name]=$(make_key admin 1000000)
  done
  compare_logs cpu_on_vs_off
  wait_until 10 analytics has_stored_records on
  end_scenario

  start_upstream
  for name in on off; do
    TOLLGATE_BENCH_LOG=$name start_tollgate "$name" --upstream "http://127.0.0.1:${port[upstream]}"
    keys[$name]=$(make_key "$name" 1000000)
  done
  times=()
  compare_logs cpu_on_vs_off_all
  emit log worker_time "${times[@]}"
}
