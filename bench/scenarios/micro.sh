# shellcheck shell=bash disable=SC2154,SC2034  # the globals of bench/lib.sh
# Figures that a micro-benchmark beside the code measures: one value a repetition, taken from its JSON report.

# micro PROGRAM BENCHMARK FIELD [REPETITIONS]
micro() {
  local program repetitions=${4:-$rounds}
  program=$(find "$programs" -type f -name "$1" -perm -u+x)
  [[ -n $program ]] || die "$1 is not built: ninja -C $programs $1"
  on_cpus "$gateway_cpu" "$program" --benchmark_filter="^$2(/|\$)" --benchmark_repetitions="$repetitions" \
    --benchmark_format=json 2>"$scratch/micro.log" | jq --arg field "$3" '.benchmarks[] | select(.run_type == "iteration") | .[$field]'
}

bench_decision() {
  local values
  mapfile -t values < <(micro tg_stores_memory_bench decide_hot items_per_second)
  emit decision decisions "${values[@]}"
}

bench_bucket_bytes() {
  local values
  mapfile -t values < <(micro tg_stores_memory_bench idle_buckets resident_bytes_per_bucket)
  emit bucket-bytes bytes_per_idle_bucket "${values[@]}"
}

# A month of 10,000 keys and 20 routes, by route; and what memory a process of analytics' store has after ten and after
# thirty million records of 100,000 keys, with questions between.
bench_questions() {
  local values
  mapfile -t values < <(micro tg_stores_sqlite_usage_bench month_by_route/usual_metrics p95_ms)
  emit questions month_by_route_p95 "${values[@]}"
  mapfile -t values < <(micro tg_stores_sqlite_usage_bench memory/iterations:2500 rss_mib 1)
  emit questions rss_after_10m "${values[@]}"
  mapfile -t values < <(micro tg_stores_sqlite_usage_bench memory/iterations:7500 rss_mib 1)
  emit questions rss_after_30m "${values[@]}"
}

# The raw log: what a record of synthetic traffic takes in a sealed file, and how long the last hundred requests of the
# key with the fewest take to find among thirty million of ten thousand keys.
bench_requests() {
  local values
  mapfile -t values < <(micro tg_stores_archive_bench append_and_seal/traffic/iterations:256 bytes_per_record)
  emit requests bytes_per_record "${values[@]}"
  mapfile -t values < <(micro tg_stores_archive_bench last_100_of_a_key/records:30000000/rank:9999 real_time)
  emit requests last_100_of_a_key "${values[@]}"
}

# A million keys, where nearly every record is a row of its own; folding included.
bench_analytics() {
  local values
  mapfile -t values < <(micro tg_stores_sqlite_usage_bench 'ingest/keys:1000000/routes:1' items_per_second)
  emit analytics ingest_to_queryable "${values[@]}"
}
