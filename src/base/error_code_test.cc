#include "base/error_code.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <sstream>
#include <string>

#include "base/file.h"
#include "base/str.h"

namespace tollgate {
namespace {

std::string_view name_of(ErrorKind kind) {
  static constexpr std::string_view kNames[] = {
      "invalid_input", "unauthenticated",     "forbidden", "not_found", "method_not_allowed",
      "conflict",      "precondition_failed", "too_large", "limited",   "not_implemented",
      "upstream",      "unavailable",         "timeout",   "io",        "corrupt",
      "internal"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view name_of(ErrorSource source) {
  static constexpr std::string_view kNames[] = {"caller", "tollgate", "upstream", "operator_config"};
  return kNames[static_cast<std::size_t>(source)];
}

std::string table_as_yaml() {
  std::string out;
  for (const ErrorCode* code : codes::kAll) {
    str::append(out, "- code: ", code->name, "\n  kind: ", name_of(code->kind), "\n  source: ", name_of(code->source),
                "\n  retry: ", code->retry == Retry::safe ? "safe" : "never", "\n  status: ", code->status,
                "\n  caller: \"", code->caller, "\"\n");
  }
  return out;
}

std::string without_comments(const std::string& text) {
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line[0] != '#') out += line + "\n";
  }
  return out;
}

TEST(ErrorCodes, TheFileForReadersAndTheTableAreEqual) {
  const char* root = std::getenv("TG_SOURCE_DIR");
  const auto file = read_file(std::string(root == nullptr ? "." : root) + "/api/errors.yaml");
  ASSERT_TRUE(file) << file.error().to_string() << "; run from the source directory";
  EXPECT_EQ(without_comments(*file), table_as_yaml());
}

TEST(ErrorCodes, EachKnowsItsPlaceInTheTable) {
  for (std::size_t i = 0; i < codes::kAll.size(); ++i) EXPECT_EQ(codes::kAll[i]->number, i) << codes::kAll[i]->name;
}

TEST(ErrorCodes, NamesAreUniqueAndWhatClientsSeeHasAStatusAndASentence) {
  std::set<std::string_view> names;
  for (const ErrorCode* code : codes::kAll) {
    EXPECT_TRUE(names.insert(code->name).second) << code->name;
    EXPECT_EQ(code->status == 0, code->caller.empty()) << code->name;
    EXPECT_TRUE(code->status == 0 || (code->status >= 400 && code->status < 600)) << code->name;
    EXPECT_EQ(code->caller.find_first_of("\"\\\n"), std::string_view::npos) << code->name;
  }
}

}  // namespace
}  // namespace tollgate
