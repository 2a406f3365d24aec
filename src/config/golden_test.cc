// Error texts that people read: each tests/data/config/x.yaml is refused with the text of x.expected.
// With TG_UPDATE_GOLDEN set, the expected texts are written anew; read the difference before it is committed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "config/load.h"

namespace tollgate::config {
namespace {

TEST(ErrorTexts, AreAsExpected) {
  const std::filesystem::path folder = std::filesystem::path(std::getenv("TG_SOURCE_DIR")) / "tests/data/config";
  std::size_t compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string name = entry.path().filename().string();
    const auto text = read_file(entry.path().string());
    ASSERT_TRUE(text);
    const auto result =
        load_text({.name = name, .text = *text}, {.environment = [](std::string_view) { return std::nullopt; }});
    ASSERT_FALSE(result) << name << " is accepted";
    const std::string actual = result.error().detail() + "\n";
    std::filesystem::path expected_path = entry.path();
    expected_path.replace_extension(".expected");
    if (std::getenv("TG_UPDATE_GOLDEN") != nullptr) {
      ASSERT_TRUE(write_file_atomic(expected_path.string(), actual, 0644));
    }
    const auto expected = read_file(expected_path.string());
    ASSERT_TRUE(expected) << expected.error().detail();
    EXPECT_EQ(actual, *expected) << name;
    ++compared;
  }
  EXPECT_GE(compared, 15u);
}

}  // namespace
}  // namespace tollgate::config
