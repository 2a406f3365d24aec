#include "core/usage/chunk_fold.h"

#include <gtest/gtest.h>

#include <map>

#include "core/usage/batch_sum.h"
#include "core/usage/chunk_merge.h"
#include "core/usage/random_records_test.h"

namespace tollgate::core {
namespace {

ChunkMerge::Run run_of(std::vector<Chunk> chunks) {
  auto left = std::make_shared<std::vector<Chunk>>(std::move(chunks));
  return {.next = [left, at = std::size_t{0}]() mutable -> Result<std::optional<std::string>> {
            if (at == left->size()) return std::nullopt;
            return (*left)[at++].bytes;
          },
          .damage = [] { return Error(codes::store_corrupt, "damaged"); }};
}

Result<void> fold(ChunkMerge& merge, ChunkFold& to) {
  while (true) {
    TG_TRY(const auto item, merge.next());
    if (!item) return to.finish();
    if (auto added = to.add(*item->row); !added) return added;
  }
}

TEST(ChunkFold, MinutesAreTheSumOfTheirSecondsWhoeverBroughtThem) {
  std::mt19937_64 random(43);
  const BatchClock clock{.now = WallTime(Seconds(1'790'000'200)), .latest = WallTime(Seconds(1'790'000'500))};
  std::map<RollupKey, RollupValue> recount;
  std::vector<ChunkMerge::Run> runs;
  for (int batch = 0; batch < 20; ++batch) {
    std::vector<DecisionRecord> records;
    for (int i = 0; i < 1000; ++i) {
      const DecisionRecord& record = records.emplace_back(random_record(random));
      recount[RollupKey::of(record, Seconds(60))].add(record);
      recount[RollupKey::of(record, Seconds(60)).of_everyone()].add(record);
    }
    runs.push_back(run_of(sum_up(records, clock).chunks));
  }
  std::map<RollupKey, RollupValue> folded;
  ChunkFold to({.unit = Seconds(60), .window = Seconds(3600)}, [&](const Chunk& chunk) -> Result<void> {
    EXPECT_EQ(chunk.info.bucket_min / 3600, chunk.info.bucket_max / 3600) << "a chunk of two windows";
    auto reader = ChunkReader::open(chunk.bytes);
    RollupRow row;
    while (reader->next(row)) {
      EXPECT_FALSE(folded.contains(row.key)) << "rows of one key were not summed";
      folded[row.key].add(row);
    }
    return {};
  });
  ChunkMerge merge(std::move(runs));
  ASSERT_TRUE(fold(merge, to));
  EXPECT_EQ(folded, recount);
}

TEST(ChunkFold, SaysWhichRunIsDamagedInsteadOfLeavingItOut) {
  DecisionRecord record;
  std::vector<Chunk> chunks = sum_up({&record, 1}, {}).chunks;
  chunks[0].bytes.back() = static_cast<char>(chunks[0].bytes.back() ^ 1);
  std::vector<ChunkMerge::Run> runs;
  runs.push_back(run_of(std::move(chunks)));
  ChunkFold to({.unit = Seconds(60), .window = Seconds(0)}, [](const Chunk&) { return Result<void>(); });
  ChunkMerge merge(std::move(runs));
  const auto done = fold(merge, to);
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().is(codes::store_corrupt));
}

}  // namespace
}  // namespace tollgate::core
