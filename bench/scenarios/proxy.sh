# shellcheck shell=bash disable=SC2154,SC2034  # the globals of bench/lib.sh
# CPU per proxied request of Tollgate (key, bucket, headers, decision log, metrics), against nginx and HAProxy.
bench_proxy() {
  local round gateway
  local -A cost all
  start_upstream
  start_competitor nginx nginx.conf nginx -p "$scratch" -e stderr -c
  start_competitor haproxy haproxy.cfg haproxy -db -f
  start_tollgate tollgate --upstream "http://127.0.0.1:${port[upstream]}"
  key=$(make_key tollgate 1000000)
  for gateway in tollgate nginx haproxy; do load "$gateway" 1 served "$(url "$gateway")" >/dev/null; done
  for ((round = 1; round <= rounds; round++)); do
    for gateway in tollgate nginx haproxy; do
      cost[$gateway]=$(load "$gateway" "$seconds" served "$(url "$gateway")")
      all[$gateway]+="${cost[$gateway]} "
    done
    note "proxy round $round: tollgate ${cost[tollgate]}, nginx ${cost[nginx]}, haproxy ${cost[haproxy]} us/request"
    all[vs_nginx]+="$(ratio "${cost[tollgate]}" "${cost[nginx]}") "
    all[vs_haproxy]+="$(ratio "${cost[tollgate]}" "${cost[haproxy]}") "
  done
  # shellcheck disable=SC2086  # one word a round
  {
    emit proxy cpu_vs_nginx ${all[vs_nginx]}
    emit proxy cpu_vs_haproxy ${all[vs_haproxy]}
    emit proxy tollgate_cpu ${all[tollgate]}
    emit proxy nginx_cpu ${all[nginx]}
    emit proxy haproxy_cpu ${all[haproxy]}
  }
}
