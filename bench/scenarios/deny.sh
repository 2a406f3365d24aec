# shellcheck shell=bash disable=SC2154,SC2034  # the globals of bench/lib.sh
# CPU per 429 of a client whose bucket is empty, against CPU per proxied request of the same process.
bench_deny() {
  local round served_key denied_key served denied
  local costs=() ratios=()
  start_upstream
  start_tollgate tollgate --upstream "http://127.0.0.1:${port[upstream]}"
  served_key=$(make_key tollgate 1000000)
  denied_key=$(make_key tollgate 1)
  key=$served_key load tollgate 1 served "$(url tollgate)" >/dev/null
  for ((round = 1; round <= rounds; round++)); do
    served=$(key=$served_key load tollgate "$seconds" served "$(url tollgate)")
    denied=$(key=$denied_key load tollgate "$seconds" denied "$(url tollgate)")
    note "deny round $round: proxied $served, denied $denied us/request"
    costs+=("$denied")
    ratios+=("$(ratio "$denied" "$served")")
  done
  emit deny cpu_vs_proxied "${ratios[@]}"
  emit deny denied_cpu "${costs[@]}"
}
