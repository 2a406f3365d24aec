#include "config/yaml.h"

#include <gtest/gtest.h>

#include "base/str.h"

namespace tollgate::config {
namespace {

std::string refusal(std::string_view text) {
  Problems problems("f");
  return parse_yaml(text, problems) ? "" : problems.to_error().detail();
}

TEST(Yaml, KeepsWhereEachValueStands) {
  Problems problems("f");
  const auto root = parse_yaml("# first\na:\n  - x\n  - b: \"2\"\n", problems);
  ASSERT_TRUE(root);
  EXPECT_EQ(root->keys[0].mark, (Mark{2, 1}));
  const Node& list = *root->find("a");
  ASSERT_EQ(list.items.size(), 2u);
  EXPECT_EQ(list.items[0].mark, (Mark{3, 5}));
  EXPECT_EQ(list.items[1].find("b")->text, "2");
  EXPECT_EQ(list.items[1].find("b")->mark, (Mark{4, 8}));
  EXPECT_EQ(root->find("b"), nullptr);
}

TEST(Yaml, AnEmptyFileIsAnEmptyConfiguration) {
  for (const std::string_view text : {"", "\n", "# only a comment\n", "---\n", "~\n"}) {
    Problems problems("f");
    const auto root = parse_yaml(text, problems);
    ASSERT_TRUE(root) << text;
    EXPECT_EQ(root->kind, Node::Kind::null) << text;
  }
}

TEST(Yaml, QuotingMakesAWordOfNull) {
  Problems problems("f");
  const auto root = parse_yaml("a: null\nb: \"null\"\nc: ~\nd:\ne: ''\n", problems);
  ASSERT_TRUE(root);
  EXPECT_EQ(root->find("a")->kind, Node::Kind::null);
  EXPECT_EQ(root->find("b")->kind, Node::Kind::scalar);
  EXPECT_EQ(root->find("c")->kind, Node::Kind::null);
  EXPECT_EQ(root->find("d")->kind, Node::Kind::null);
  EXPECT_EQ(root->find("e")->kind, Node::Kind::scalar);
}

TEST(Yaml, RefusesMoreThanItsBounds) {
  std::string deep;
  for (std::size_t i = 0; i <= kMaxDepth; ++i) deep += "- ";
  EXPECT_EQ(refusal(deep + "x"), "f:1:65: nested more than 32 levels deep");
  EXPECT_EQ(refusal(deep.substr(2) + "x"), "");
  EXPECT_NE(refusal(std::string(100'000, '[')).find("f:1:"), std::string::npos);
  EXPECT_NE(refusal(std::string(100'000, '{')).find("f:1:"), std::string::npos);
  EXPECT_NE(refusal(std::string(kMaxFileBytes + 1, ' ')).find("larger"), std::string::npos);
  std::string wide = "[";
  for (std::size_t i = 0; i < kMaxNodes; ++i) wide += "1,";
  EXPECT_NE(refusal(wide + "1]").find("more than 500000 values"), std::string::npos);
}

TEST(Yaml, RefusesAliasesHoweverTheyMultiply) {
  EXPECT_NE(refusal("a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n").find("anchors are not supported"), std::string::npos);
  EXPECT_NE(refusal("a: *nowhere\n"), "");
  EXPECT_NE(refusal("<<: *a\n"), "");
}

TEST(Yaml, ManyDifferentKeysCostLittle) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) str::append(text, "k", i, ": 1\n");
  EXPECT_EQ(refusal(text), "");
  EXPECT_EQ(refusal(text + "k5: 2\n"), "f:100001:1: the key \"k5\" is given twice");
}

}  // namespace
}  // namespace tollgate::config
