# shellcheck shell=bash disable=SC2154,SC2034  # the globals of bench/lib.sh
# How long after a request's response its record answers questions, in a process that does nothing else: milliseconds
# until GET /api/analytics/decisions/ID finds it, asked about as often as curl can be started.
bench_visible() {
  local round analytics token id from
  local times=()
  start_upstream
  start_tollgate tollgate --upstream "http://127.0.0.1:${port[upstream]}"
  key=$(make_key tollgate 1000000)
  token=$(admin_token tollgate)
  analytics=$(jq -r .analytics "${data_dir[tollgate]}/endpoints.json")
  for ((round = 1; round <= rounds * 4; round++)); do
    id=$(curl -sS --max-time 10 -o /dev/null -D - -H "X-API-Key: $key" "$(url tollgate)" |
      awk 'tolower($1) == "x-request-id:" { sub(/\r/, "", $2); print $2 }')
    from=$(date +%s%N)
    until [[ $(answer_status "$analytics/api/analytics/decisions/$id" "$token") == 200 ]]; do
      (($(date +%s%N) - from < 10000000000)) || die "request $id is not to be found after 10 s"
    done
    times+=("$((($(date +%s%N) - from) / 1000000))")
  done
  emit visible in_queries "${times[@]}"
}

answer_status() {
  curl -sS --max-time 10 -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $2" "$1"
}
