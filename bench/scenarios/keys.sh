# shellcheck shell=bash disable=SC2154,SC2034  # the globals of bench/lib.sh
# CPU per request with a million keys, sent one after the other, against one key.
readonly key_count=1000000
readonly keys_sent=250000  # more than one round gets through, and far more than a cache holds

# add_keys DATA-DIR FILE: a stopped instance gets new keys of the enterprise tier; FILE lists those that are sent.
# Written straight into the store: a million durable writes through the admin API would outlast the measurement.
add_keys() {
  local database=$1/admin.db
  "$programs/bench_make_keys" "$key_count" >"$scratch/keys.csv"
  head -n "$keys_sent" "$scratch/keys.csv" | cut -d, -f4 >"$2"
  {
    echo 'PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; PRAGMA foreign_keys = ON; BEGIN;'
    awk -F, -v revision="$(sqlite3 "$database" "SELECT value FROM counters WHERE name = 'revision'")" \
      -v now="$(date +%s)000000000" '{
        printf "INSERT INTO keys (id, name, prefix, tier, state, created_at, updated_at, secret_hash, secret_last4, " \
               "limit_revision, revision) VALUES (\x27%s\x27, \x27bench\x27, \x27tg_live\x27, \x27enterprise\x27, 0, " \
               "%s, %s, X\x27%s\x27, \x27%s\x27, 0, %d);\n", $1, now, now, $2, $3, revision + NR
      }' "$scratch/keys.csv"
    echo "UPDATE counters SET value = value + $key_count WHERE name = 'revision';"
    echo 'COMMIT;'
  } | sqlite3 -bail "$database"
  rm "$scratch/keys.csv"
}

bench_keys() {
  local round name upstream
  local -A cost
  local ratios=()
  start_upstream
  upstream=http://127.0.0.1:${port[upstream]}
  start_tollgate many --upstream "$upstream"
  stop "${pid[many]}"
  add_keys "${data_dir[many]}" "$scratch/many.keys"
  rm -f "${data_dir[many]}/endpoints.json"
  start_tollgate many --upstream "$upstream"
  start_tollgate one --upstream "$upstream"
  make_key one 1000000 >"$scratch/one.keys"
  for name in one many; do load_keys "$name" 1 >/dev/null; done
  for ((round = 1; round <= rounds; round++)); do
    for name in one many; do cost[$name]=$(load_keys "$name" "$seconds"); done
    note "keys round $round: 1 key ${cost[one]}, $key_count keys ${cost[many]} us/request"
    ratios+=("$(ratio "${cost[many]}" "${cost[one]}")")
  done
  emit keys cpu_1000000_vs_1 "${ratios[@]}"
}

load_keys() { load "$1" "$2" served -s "$here/wrk/keys.lua" "$(url "$1")" -- "$scratch/$1.keys"; }
