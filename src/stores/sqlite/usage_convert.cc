#include "stores/sqlite/usage_convert.h"

#include "core/usage/chunk_fold.h"
#include "stores/sqlite/transaction.h"
#include "stores/sqlite/usage_levels.h"
#include "stores/sqlite/usage_rows.h"

namespace tollgate::stores {

using core::RollupKey;
using core::RollupRow;

namespace {

// In the order of RollupKey. Version 1 stored each minute beside its seconds, so that coarser levels come from minutes.
constexpr std::string_view kRollups = R"(
  SELECT bucket, key_id, route, tier, method, status_class,
    requests, allowed, rate_limited, unauthorized, errors, bytes_in, bytes_out, cost, latency, 0
  FROM rollup WHERE width = ?1 ORDER BY key_id, route, tier, method, status_class, bucket)";

// Requests without a key had no totals; they are those of their minutes.
constexpr std::string_view kTotals = R"(
  SELECT 0, key_id, route, tier, method, status_class,
    requests, allowed, rate_limited, unauthorized, errors, bytes_in, bytes_out, cost, latency, 0
  FROM rollup WHERE width = 60 AND key_id = ''
  UNION ALL
  SELECT 0, key_id, route, 0, method, 0,
    requests, allowed, rate_limited, unauthorized, errors, bytes_in, bytes_out, cost, latency, last_used_ns
  FROM key_total
  ORDER BY 2, 3, 4, 5, 6)";

RollupRow read_row(const Statement& row, core::Histogram& latency) {
  latency = core::Histogram::parse(row.blob(14)).value_or(core::Histogram{});
  return {.key = RollupKey::pack({.bucket = row.integer(0),
                                  .key = core::key_number(core::KeyId::parse(row.text(1)).value_or(core::KeyId{})),
                                  .route = static_cast<core::NameRef>(row.integer(2)),
                                  .tier = static_cast<core::NameRef>(row.integer(3)),
                                  .method = static_cast<std::uint8_t>(row.integer(4)),
                                  .status_class = static_cast<std::uint8_t>(row.integer(5))}),
          .counts = read_counts(row, 6),
          .last_ms = row.integer(15) / 1'000'000,
          .latency = latency.counts()};
}

struct Conversion {
  std::size_t level;
  std::string_view sql;
  std::int64_t width;  // 0: the statement takes none
};

Result<void> convert(Database& database, ChunkSink& sink, const Conversion& conversion) {
  const ChunkSink::Place place{
      .level = conversion.level, .state = ChunkState::in_force, .folded = conversion.level != kEverLevel};
  core::ChunkFold fold(kUsageLevels[conversion.level], [&](const core::Chunk& chunk) -> Result<void> {
    auto put = sink.put(place, chunk);
    if (!put) return std::unexpected(std::move(put).error());
    return {};
  });
  TG_TRY(auto rows, database.prepare(conversion.sql));
  if (conversion.width > 0) rows.bind(conversion.width);
  core::Histogram latency;
  while (true) {
    TG_TRY(const bool more, rows.step());
    if (!more) return fold.finish();
    if (auto added = fold.add(read_row(rows, latency)); !added) return added;
  }
}

}  // namespace

Result<void> convert_rows_to_chunks(Database& database, ChunkSink& sink) {
  TG_TRY(auto transaction, Transaction::begin(database));
  TG_TRY(const auto tables, database.query_int("SELECT count(*) FROM sqlite_schema WHERE name = 'rollup'"));
  if (tables == 0) return {};
  for (const Conversion& conversion : {Conversion{kSecondLevel, kRollups, 1}, Conversion{kMinuteLevel, kRollups, 60},
                                       Conversion{kHourLevel, kRollups, 60}, Conversion{kDayLevel, kRollups, 60},
                                       Conversion{kEverLevel, kTotals, 0}}) {
    if (auto done = convert(database, sink, conversion); !done) return done;
  }
  if (auto dropped = database.execute("DROP TABLE rollup; DROP TABLE key_total"); !dropped) return dropped;
  return transaction.commit();
}

}  // namespace tollgate::stores
