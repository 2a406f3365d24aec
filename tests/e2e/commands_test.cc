// The commands beside `up`: they say what is so, and their exit code says it too.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "base/str.h"
#include "tests/support/tollgate_process.h"

namespace tollgate::testing {
namespace {

std::string example(const std::string& name) {
  return std::string(std::getenv("TG_SOURCE_DIR")) + "/examples/" + name;
}

TEST(Commands, HelpBeginsWithExamples) {
  ChildProcess help(tollgate({"--help"}));
  EXPECT_EQ(help.wait(), 0);
  EXPECT_TRUE(help.out().starts_with("Examples:\n  tollgate up")) << help.out();
  for (const char* command : {"up", "gateway", "backend", "limiter", "analytics", "admin", "check-config", "demo"}) {
    ChildProcess own(tollgate({command, "--help"}));
    EXPECT_EQ(own.wait(), 0) << command;
    EXPECT_NE(own.out().find("--"), std::string::npos) << command;
    EXPECT_NE(help.out().find(str::cat("  ", command)), std::string::npos) << command;
  }
}

TEST(Commands, VersionIsOneLine) {
  ChildProcess version(tollgate({"--version"}));
  EXPECT_EQ(version.wait(), 0);
  EXPECT_TRUE(version.out().starts_with("tollgate ")) << version.out();
  EXPECT_EQ(std::ranges::count(version.out(), '\n'), 1);
}

TEST(Commands, CheckConfigAcceptsEveryExample) {
  for (const char* name : {"tollgate.yaml", "full.yaml"}) {
    ChildProcess check(tollgate({"check-config", example(name)}));
    EXPECT_EQ(check.wait(), 0) << check.err();
    EXPECT_EQ(check.err(), "");
    EXPECT_NE(check.out().find("is right"), std::string::npos) << check.out();
  }
}

TEST(Commands, CheckConfigNamesEveryMistakeWithItsPlace) {
  const TempDir dir;
  const std::string config = dir.file("bad.yaml");
  ASSERT_TRUE(write_file_atomic(config, "gateway:\n  timeouts:\n    heder: 3s\nlimiter:\n  memoryByts: 1\n", 0600));
  ChildProcess check(tollgate({"check-config", config}));
  EXPECT_EQ(check.wait(), 1);
  EXPECT_EQ(check.out(), "");
  EXPECT_NE(check.err().find(config + ":3:5"), std::string::npos) << check.err();
  EXPECT_NE(check.err().find(config + ":5:3"), std::string::npos) << check.err();
  EXPECT_NE(check.err().find("did you mean \"header\"?"), std::string::npos) << check.err();
}

TEST(Commands, DemoSendsTrafficThatIsCounted) {
  const TempDir dir;
  const std::string data = dir.file("data");
  TollgateProcess tollgate({.data_dir = data});
  ChildProcess demo(testing::tollgate({"demo", "--data-dir", data, "--seconds", "1"}));
  EXPECT_EQ(demo.wait(), 0) << demo.out() << demo.err();
  const auto seen = [&] {
    return Json(tollgate.get("analytics", "/api/analytics/system-stats").body)["totalRequests"].uint();
  };
  EXPECT_TRUE(eventually(Millis(3'000), [&] { return seen() >= 20; })) << seen() << demo.out();
  EXPECT_EQ(Json(tollgate.get("admin", "/api/admin/keys?search=demo").body)["data"].size(), 3u);
}

TEST(Commands, DemoSaysWhatIsMissing) {
  const TempDir dir;
  ChildProcess demo(tollgate({"demo", "--data-dir", dir.path()}));
  EXPECT_EQ(demo.wait(), 1);
  EXPECT_NE(demo.err().find("tollgate up --data-dir " + dir.path()), std::string::npos) << demo.err();
}

}  // namespace
}  // namespace tollgate::testing
