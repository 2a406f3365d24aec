# shellcheck shell=bash disable=SC2154,SC2034  # the globals of bench/lib.sh
# Time from spawning `tollgate up` until it has announced its endpoints and the gateway answers. A first start makes
# the data directory; a restart finds it.
start_once() {
  local name=$1 begun now deadline
  rm -f "$scratch/data/endpoints.json"
  begun=${EPOCHREALTIME/./}
  deadline=$((begun + 10000000))
  ADMIN_PASSWORD=$admin_password launch "$name" 0-1023 "$tollgate" up --base-port 0 --data-dir "$scratch/data"
  until is_serving "$scratch/data"; do
    ((${EPOCHREALTIME/./} < deadline)) || die "tollgate did not serve: $(tail -5 "$scratch/$name.log")"
    read -r -t 0.001 <>"$scratch/never" || true  # a pause that starts no process
  done
  now=${EPOCHREALTIME/./}
  stop "${pid[$name]}"
  elapsed_ms=$(ratio $((now - begun)) 1000)
}

bench_start() {
  local round elapsed_ms
  local first=() again=()
  mkfifo "$scratch/never"
  for ((round = 1; round <= rounds; round++)); do
    rm -rf "$scratch/data"
    start_once first
    first+=("$elapsed_ms")
    start_once again
    again+=("$elapsed_ms")
    note "start round $round: first ${first[-1]}, restart ${again[-1]} ms"
  done
  emit start first_start "${first[@]}"
  emit start restart "${again[@]}"
}
