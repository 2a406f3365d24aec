# shellcheck shell=bash disable=SC2154,SC2034  # the globals of bench/lib.sh
# What the decision log costs: CPU per proxied request of everything in one process (the record, segments, shipping,
# analytics and its roll-ups), against the same binary that leaves no record; and what of it the worker pays, which is
# what a client waits for. The bench build alone knows TOLLGATE_BENCH_LOG.

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

bench_log() {
  local round name
  local -A keys cost worker
  local ratios=() times=()
  start_upstream
  for name in on off; do
    TOLLGATE_BENCH_LOG=$name start_tollgate "$name" --upstream "http://127.0.0.1:${port[upstream]}"
    keys[$name]=$(make_key "$name" 1000000)
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
  emit log cpu_on_vs_off "${ratios[@]}"
  emit log worker_time "${times[@]}"
}
