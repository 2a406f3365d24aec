#include "config/describe.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.h"
#include "base/str.h"
#include "config/load.h"

namespace tollgate::config {
namespace {

std::string source_path(std::string_view path) {
  return str::cat(std::getenv("TG_SOURCE_DIR"), "/", path);
}

// {a: [{b: "\x01"}]} for "a[].b": a value that no parser takes.
std::string faulty_document(std::string_view path) {
  std::string text;
  std::string end;
  while (true) {
    const std::size_t dot = path.find('.');
    std::string_view name = path.substr(0, dot);
    const bool list = name.ends_with("[]");
    if (list) name.remove_suffix(2);
    str::append(text, "{", name, list ? ": [" : ": ");
    end = (list ? "]}" : "}") + end;
    if (dot == std::string_view::npos) return text + "\"\\x01\"" + end;
    path.remove_prefix(dot + 1);
  }
}

std::string in_first_elements(std::string_view path) {
  std::string key(path);
  for (std::size_t at = key.find("[]"); at != std::string::npos; at = key.find("[]")) key.replace(at, 2, "[0]");
  return key;
}

TEST(KnownKeys, EachIsReadAndChecked) {
  for (const KeyInfo& key : known_keys()) {
    const auto result = load_text({.name = "f", .text = faulty_document(key.path)},
                                  {.environment = [](std::string_view) { return std::nullopt; }});
    ASSERT_FALSE(result) << key.path << " takes anything";
    const std::string& detail = result.error().detail();
    EXPECT_NE(detail.find(str::cat(": ", in_first_elements(key.path), ": ")), std::string::npos)
        << key.path << ": " << detail;
    EXPECT_EQ(detail.find("unknown key"), std::string::npos) << detail;
  }
}

TEST(KnownKeys, TheFullExampleShowsEach) {
  const auto example = read_file(source_path("examples/full.yaml"));
  ASSERT_TRUE(example);
  for (const KeyInfo& key : known_keys()) {
    const std::string last(key.path.substr(key.path.rfind('.') + 1));
    EXPECT_NE(example->find(str::cat(last, ":")), std::string::npos) << key.path;
  }
}

TEST(KnownKeys, SectionsKnowTheirChildren) {
  std::vector<std::string_view> names;
  for (const ChildKey& child : children_of("gateway.routes[].match")) names.push_back(child.name);
  EXPECT_EQ(names, (std::vector<std::string_view>{"path", "hosts", "methods"}));
  EXPECT_TRUE(children_of("gateway.route").empty());
  EXPECT_EQ(children_of("").size(), 8u);
}

// The page is written by this test when TG_UPDATE_GOLDEN is set.
TEST(ReferencePage, IsWhatTheProgramKnows) {
  const std::string path = source_path("docs/reference/configuration.md");
  const std::string expected = reference_markdown();
  if (std::getenv("TG_UPDATE_GOLDEN") != nullptr) {
    ASSERT_TRUE(write_file_atomic(path, expected, 0644));
  }
  const auto page = read_file(path);
  ASSERT_TRUE(page) << page.error().detail();
  EXPECT_EQ(*page, expected);
  for (const KeyInfo& key : known_keys()) EXPECT_NE(page->find(str::cat("`", key.path, "`")), std::string::npos);
}

}  // namespace
}  // namespace tollgate::config
