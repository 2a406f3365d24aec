#include "codec/http1/target.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <optional>

#include "base/str.h"

namespace tollgate::codec {
namespace {

std::optional<std::string> normal(std::string_view path) {
  std::string out = "kept";
  if (!normalize_path(path, out)) return std::nullopt;
  EXPECT_TRUE(out.starts_with("kept"));
  return out.substr(4);
}

TEST(NormalPath, RemovesDotSegmentsAndEmptySegments) {
  EXPECT_EQ(normal("/"), "/");
  EXPECT_EQ(normal(""), "/");
  EXPECT_EQ(normal("/a/b"), "/a/b");
  EXPECT_EQ(normal("/a/./b"), "/a/b");
  EXPECT_EQ(normal("/a/../b"), "/b");
  EXPECT_EQ(normal("/a/b/.."), "/a/");
  EXPECT_EQ(normal("/a/."), "/a/");
  EXPECT_EQ(normal("/a/.."), "/");
  EXPECT_EQ(normal("//a///b//"), "/a/b/");
  EXPECT_EQ(normal("/a//../b"), "/b");
  EXPECT_EQ(normal("/a/%2e%2E/b"), "/b");
  EXPECT_EQ(normal("/a/.%2e/b"), "/b");
  EXPECT_EQ(normal("/a;x/../b"), "/b");
  EXPECT_EQ(normal("/..."), "/...");
  EXPECT_EQ(normal("/.hidden/a..b"), "/.hidden/a..b");
}

TEST(NormalPath, DecodesUnreservedAndKeepsOtherEscapesInUpperCase) {
  EXPECT_EQ(normal("/%41%7e%2D"), "/A~-");
  EXPECT_EQ(normal("/a%2fb%5c%3b"), "/a%2Fb%5C%3B");
  EXPECT_EQ(normal("/a%2f..%2fb"), "/a%2F..%2Fb");
  EXPECT_EQ(normal("/%25%32%65"), "/%252e");
  EXPECT_EQ(normal("/%c3%a9"), "/%C3%A9");
}

TEST(NormalPath, RefusesToClimbAboveTheRoot) {
  for (const std::string_view path : {"/..", "/../a", "/a/../..", "/%2e%2e/", "/.//..", "//../x"}) {
    EXPECT_EQ(normal(path), std::nullopt) << path;
  }
}

TEST(NormalPath, RefusesDotSegmentsWithParameters) {
  for (const std::string_view path : {"/a/..;/b", "/a/..;x", "/a/.;x/b", "/..;", "/a/%2e%2e;x", "/.;"}) {
    EXPECT_EQ(normal(path), std::nullopt) << path;
  }
}

TEST(NormalPath, RefusesMalformedEscapesAndRelativePaths) {
  for (const std::string_view path : {"/%", "/%4", "/%4g", "/%zz", "a", "*"}) EXPECT_EQ(normal(path), std::nullopt);
}

// Paths made of the pieces that matter.
std::string random_path() {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
      "/", "/", ".", "..", ";", "a", "%2e", "%2E", "%2f", "%5c", "%41", "%25", "%3b", "2e", "b", "%c3%a9"}));
  std::string path = "/";
  for (const std::string& piece : pieces) path += piece;
  return path;
}

RC_GTEST_PROP(NormalPathProperty, IsItsOwnNormalForm, ()) {
  const auto once = normal(random_path());
  RC_PRE(once.has_value());
  RC_ASSERT(normal(*once) == once);
}

RC_GTEST_PROP(NormalPathProperty, NeverHoldsADotSegmentInAnyDisguise, ()) {
  const auto path = normal(random_path());
  RC_PRE(path.has_value());
  RC_ASSERT(path->starts_with('/'));
  RC_ASSERT(path->find("//") == std::string::npos);
  for (const std::string_view bad : {"/./", "/../", "/.;", "/..;", "%2e", "%2E"}) {
    RC_ASSERT((*path + "/").find(bad) == std::string::npos);
  }
}

}  // namespace
}  // namespace tollgate::codec
