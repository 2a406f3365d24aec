# shellcheck shell=bash disable=SC2154,SC2034  # globals that bench/run and the scenarios use
# For sourcing by bench/run: processes, measurements and result lines that the scenarios share.
# Globals: $here (bench/), $programs (folder of the bench programs), $tollgate (the binary), $scratch (removed at the
# end), and by instance name ${port[…]} of the gateway, ${pid[…]}, ${data_dir[…]}.

readonly rounds=${BENCH_ROUNDS:-5} seconds=${BENCH_SECONDS:-5} connections=64
readonly gateway_cpu=0 load_cpus=1-1023
scratch=$(mktemp -d "${TMPDIR:-/tmp}/tollgate-bench.XXXXXX")
started=()
missed=0
key=''  # the API key that load() sends; none when empty
declare -A port pid data_dir

note() { printf '%s\n' "$*" >&2; }
die() {
  note "error: $*"
  exit 1
}

stop() {
  kill "$1" 2>/dev/null || return 0
  wait "$1" 2>/dev/null || true
}

# Ends what the scenario started and forgets its state, so that scenarios cannot see each other.
end_scenario() {
  local one
  for one in "${started[@]}"; do stop "$one"; done
  started=() port=() pid=() data_dir=() key=''
  rm -rf "${scratch:?}"/*
}

trap 'end_scenario; rmdir "$scratch"' EXIT
trap 'exit 130' INT TERM

# The gateway under test has one core to itself, load and upstream have the others. With one core all share it.
on_cpus() {
  local cpus=$1
  shift
  if (($(nproc) > 1)); then exec taskset -c "$cpus" "$@"; fi
  exec "$@"
}

# launch NAME CPUS COMMAND…: its output goes to $scratch/NAME.log, its pid to ${pid[NAME]}.
launch() {
  local name=$1 cpus=$2
  shift 2
  on_cpus "$cpus" "$@" >"$scratch/$name.log" 2>&1 </dev/null &
  pid[$name]=$!
  started+=("$!")
}

# wait_until SECONDS NAME COMMAND…: fails when time is up or the process NAME ends first.
wait_until() {
  local deadline=$((SECONDS + $1)) name=$2
  shift 2
  until "$@"; do
    kill -0 "${pid[$name]}" 2>/dev/null || die "$name ended: $(tail -5 "$scratch/$name.log")"
    ((SECONDS < deadline)) || die "$name is not ready: $(tail -5 "$scratch/$name.log")"
    sleep 0.05
  done
}

accepts() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below the range that the kernel takes for outgoing connections, so that nothing else gets it meanwhile.
free_port() {
  local candidate
  for _ in {1..100}; do
    candidate=$((15000 + RANDOM % 15000))
    accepts "$candidate" || { echo "$candidate" && return; }
  done
  die 'found no free port'
}

start_upstream() {
  launch upstream "$load_cpus" "$programs/bench_upstream"
  wait_until 5 upstream test -s "$scratch/upstream.log"
  port[upstream]=$(<"$scratch/upstream.log")
  [[ ${port[upstream]} =~ ^[0-9]+$ ]] || die "the upstream did not start: ${port[upstream]}"
}

# start_competitor NAME CONFIG COMMAND…: fills in the config's @PORT@, @UPSTREAM@, @DIR@ and @USER@.
start_competitor() {
  local name=$1 config=$2
  shift 2
  port[$name]=$(free_port)
  sed "s|@PORT@|${port[$name]}|; s|@UPSTREAM@|${port[upstream]}|; s|@DIR@|$scratch|g; s|@USER@|$(id -un)|" \
    "$here/configs/$config" >"$scratch/$config"
  launch "$name" "$gateway_cpu" "$@" "$scratch/$config"
  wait_until 10 "$name" accepts "${port[$name]}"
}

# start_tollgate NAME [UP ARGUMENTS…]: state in a new folder unless ${data_dir[NAME]} is set.
start_tollgate() {
  local name=$1
  shift
  : "${data_dir[$name]:=$scratch/$name}"
  ADMIN_PASSWORD=$admin_password launch "$name" "$gateway_cpu" "$tollgate" up --base-port 0 --workers 1 \
    --data-dir "${data_dir[$name]}" "$@"
  wait_until 60 "$name" is_serving "${data_dir[$name]}"
  port[$name]=$(jq -r '.gateway | split(":") | last' "${data_dir[$name]}/endpoints.json")
}

# start_service NAME SERVICE CPUS [ARGUMENTS…]: one service as a process of its own, at ${port[NAME]}.
start_service() {
  local name=$1 service=$2 cpus=$3
  shift 3
  port[$name]=$(free_port)
  ADMIN_PASSWORD=$admin_password SERVICE_TOKEN=$bench_secret JWT_SECRET=$bench_secret launch "$name" "$cpus" \
    "$tollgate" "$service" --port "${port[$name]}" --data-dir "$scratch/$name" "$@"
  wait_until 60 "$name" accepts "${port[$name]}"
}

readonly admin_password='bench-only-password'
readonly bench_secret='bench-only-7Qk2vXw9ZpRt4LmNb8HsJd3Fc6Gy1Aa5'

# admin_url NAME: of instance NAME, which is admin alone or all services.
admin_url() {
  if [[ -n ${data_dir[$1]:-} ]]; then
    jq -r .admin "${data_dir[$1]}/endpoints.json"
  else
    url "$1" ''
  fi
}

# admin_token NAME: logs in at instance NAME.
admin_token() {
  local admin login
  login=$(jq -nc --arg password "$admin_password" '{username: "admin", password: $password}')
  admin=$(admin_url "$1")
  post_json "$admin/api/admin/login" '' "$login" | jq -er .token || die "cannot log in at $admin"
}

# make_key NAME RATE: prints a new API key of instance NAME with RATE tokens per second and as large a burst.
make_key() {
  local admin token
  admin=$(admin_url "$1")
  token=$(admin_token "$1")
  post_json "$admin/api/admin/keys" "Authorization: Bearer $token" "$(jq -nc --argjson rate "$2" \
    '{name: "bench-\($rate)", tier: "enterprise", tokensPerWindow: $rate, refillRate: $rate, maxBurst: $rate}')" |
    jq -er .apiKey || die "cannot make a key at $admin"
}

post_json() {
  curl -sS --fail-with-body --max-time 10 -H 'Content-Type: application/json' ${2:+-H "$2"} -d "$3" "$1"
}

# Microseconds of CPU that a process and its children have used.
cpu_us() {
  local one total=0 fields ticks_per_second
  ticks_per_second=$(getconf CLK_TCK)
  for one in "$1" $(pgrep -P "$1"); do
    fields=$(<"/proc/$one/stat")
    read -ra fields <<<"${fields##*) }"
    total=$((total + fields[11] + fields[12]))
  done
  echo $((total * 1000000 / ticks_per_second))
}

# load NAME SECONDS STATUS WRK-ARGUMENTS…: drives instance NAME, prints CPU microseconds per request.
# STATUS is what every answer must be: served (2xx) or denied (at most one in a hundred is let through).
load() {
  local name=$1 duration=$2 status=$3 before after report requests refused let_through
  shift 3
  before=$(cpu_us "${pid[$name]}")
  report=$(on_cpus "$load_cpus" wrk -t1 -c"$connections" -d"${duration}s" \
    ${key:+-H "X-API-Key: $key"} "$@" 2>&1) || die "wrk: $report"
  after=$(cpu_us "${pid[$name]}")
  requests=$(awk '/ requests in / { print $1 }' <<<"$report")
  refused=$(awk '/Non-2xx/ { print $NF }' <<<"$report")
  let_through=$((requests - ${refused:-0}))
  [[ $report != *'Socket errors'* ]] || die "$name broke connections: $report"
  case $status in
    served) ((let_through == requests)) || die "$name refused $refused of $requests requests" ;;
    denied) ((let_through * 100 <= requests)) || die "$name let $let_through of $requests requests through" ;;
  esac
  awk -v us=$((after - before)) -v n="$requests" 'BEGIN { printf "%.4f\n", us / n }'
}

url() { echo "http://127.0.0.1:${port[$1]}${2-/api/data}"; }

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.4f\n", a / b }'; }

# emit BENCH FIGURE VALUE…: one JSON line with the median of the rounds' values, judged by figures.txt.
emit() {
  local bench=$1 figure=$2 line
  shift 2
  line=$(printf '%s\n' "$@" | jq -nRc --arg bench "$bench" --arg figure "$figure" --rawfile table "$here/figures.txt" '
    [inputs | tonumber] | sort as $rounds
    | ($rounds | length) as $n
    | (if $n % 2 == 1 then $rounds[$n / 2 | floor] else ($rounds[$n / 2 - 1] + $rounds[$n / 2]) / 2 end) as $value
    | [$table | split("\n")[] | [splits(" +")] | select(.[0] == $bench and .[1] == $figure)][0] as $row
    | ($row[4] | if . == "-" then null else tonumber end) as $must
    | ($row[5] | if . == "-" then null else tonumber end) as $aim
    | {bench: $bench, figure: $figure, value: $value, unit: $row[2], must: $must, aim: $aim,
       ok: ($must == null or (if $row[3] == "lower" then $value <= $must else $value >= $must end)),
       min: $rounds[0], max: $rounds[-1], rounds: $n}') || die "no figure $bench $figure in bench/figures.txt"
  printf '%s\n' "$line"
  [[ $line == *'"ok":true'* ]] || missed=1
}
