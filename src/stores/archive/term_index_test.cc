#include "stores/archive/term_index.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "core/usage/varint.h"

namespace tollgate::stores {
namespace {

TEST(TermIndex, NamesEveryBlockOfATermAndFewOthers) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (const std::size_t terms : {1u, 100u, 5'000u, 50'000u}) {
    std::map<TermHash, BlockMask> wanted;
    TermIndexBuilder builder;
    for (std::size_t block = 0; block < kIndexedBlocksMax; ++block) {
      for (std::size_t i = 0; i < terms / 10 + 1; ++i) {
        const auto term = static_cast<TermHash>(random() % terms * 2'654'435'761u);
        builder.add(term, block);
        wanted[term] |= BlockMask{1} << block;
      }
    }
    const auto pages = builder.take();
    EXPECT_TRUE(std::has_single_bit(pages.size()));
    for (const auto& [term, blocks] : wanted) {
      const std::size_t page = term_page(term, pages.size());
      ASSERT_LT(page, pages.size());
      EXPECT_EQ(find_term(pages[page], page, pages.size(), term), blocks);
    }
    for (int i = 0; i < 1000; ++i) {
      const auto term = static_cast<TermHash>(random());
      const std::size_t page = term_page(term, pages.size());
      const BlockMask expected = wanted.contains(term) ? wanted.at(term) : 0;
      EXPECT_EQ(find_term(pages[page], page, pages.size(), term), expected);
    }
  }
}

TEST(TermIndex, OfNothingIsOneEmptyPage) {
  const auto pages = TermIndexBuilder().take();
  ASSERT_EQ(pages.size(), 1u);
  EXPECT_EQ(find_term(pages[0], 0, 1, 17), 0u);
}

TEST(TermIndex, SaysWhenAPageContradictsItself) {
  std::string block_beyond_all;
  core::append_varint(block_beyond_all, 17);
  core::append_varint(block_beyond_all, kIndexedBlocksMax * 2 + 1);
  EXPECT_EQ(find_term(block_beyond_all, 0, 1, 17), std::nullopt);
  EXPECT_EQ(find_term("\x80", 0, 1, 17), std::nullopt);
  EXPECT_EQ(find_term(std::string_view("\x01", 1), 0, 1, 17), std::nullopt);
}

TEST(TermIndex, ARecordHasTheTermsThatAFilterForItAsksFor) {
  core::DecisionRecord record;
  record.key = 5;
  record.consumer = 6;
  record.client_net = {1, 2, 3, 4};
  record.client_family = 4;
  std::vector<TermHash> has;
  append_terms(record, has);
  const core::RecordFilter filter{.key = 5, .consumer = 6, .client = core::ClientNet{.net = {1, 2, 3, 4}, .family = 4}};
  EXPECT_EQ(terms_of(filter), has);
  EXPECT_TRUE(terms_of({.route = 3, .status = 200}).empty());
  EXPECT_NE(terms_of({.key = 6}), terms_of({.consumer = 6}));
}

}  // namespace
}  // namespace tollgate::stores
