#include "core/usage/limit_list.h"

#include <gtest/gtest.h>

namespace tollgate::core {
namespace {

TEST(LimitList, ReadsWhatItWroteForEveryScope) {
  std::string list;
  std::vector<ListedLimit> written;
  for (int bits = 0; bits < 16; ++bits) {
    const LimitScope scope{
        .route = (bits & 1) != 0, .tier = (bits & 2) != 0, .key = (bits & 4) != 0, .client_ip = (bits & 8) != 0};
    written.push_back({.name = "limit-" + std::to_string(bits), .scope = scope});
    append_to_limit_list(list, written.back().name, scope);
  }
  EXPECT_EQ(read_limit_list(list), written);
}

TEST(LimitList, LooksAsTheDocumentSays) {
  std::string list;
  append_to_limit_list(list, "key", {.key = true});
  append_to_limit_list(list, "per-client", {.route = true, .client_ip = true});
  append_to_limit_list(list, "all", {});
  EXPECT_EQ(list, "key(key),per-client(route,client_ip),all()");
}

TEST(LimitList, TextThatItCannotHaveWrittenEndsTheList) {
  EXPECT_TRUE(read_limit_list("").empty());
  EXPECT_TRUE(read_limit_list("#1a2b3c4d").empty());
  EXPECT_TRUE(read_limit_list("none").empty());
  for (const std::string_view broken : {"a(),b(colour)", "a(),b", "a(),()", "a(),)(", "a()b()", "a(),b(key"}) {
    const auto limits = read_limit_list(broken);
    ASSERT_EQ(limits.size(), 1u) << broken;
    EXPECT_EQ(limits[0].name, "a");
  }
}

}  // namespace
}  // namespace tollgate::core
