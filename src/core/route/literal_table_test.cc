#include "core/route/literal_table.h"

#include <gtest/gtest.h>

#include "base/str.h"

namespace tollgate::core {
namespace {

std::uint32_t look_up(const LiteralTable& table, std::uint32_t parent, std::string_view text) {
  return table.find(parent, text, table.hash(text));
}

TEST(LiteralTable, FindsEachEdgeAndNoOther) {
  std::vector<LiteralTable::Edge> edges;
  for (std::uint32_t parent = 0; parent < 100; ++parent) {
    for (std::uint32_t i = 0; i < 100; ++i) edges.push_back({parent, str::cat("segment", i), parent * 100 + i + 1});
  }
  const LiteralTable table(edges);
  for (const LiteralTable::Edge& edge : edges) ASSERT_EQ(look_up(table, edge.parent, edge.text), edge.child);
  EXPECT_EQ(look_up(table, 100, "segment1"), 0u);
  EXPECT_EQ(look_up(table, 1, "segment100"), 0u);
  EXPECT_EQ(look_up(table, 1, ""), 0u);
  EXPECT_EQ(table.longest_text(), 9u);
}

TEST(LiteralTable, IsEmptyWithoutEdges) {
  const LiteralTable table({});
  EXPECT_EQ(look_up(table, 0, "a"), 0u);
}

}  // namespace
}  // namespace tollgate::core
