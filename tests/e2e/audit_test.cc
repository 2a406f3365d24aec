// The audit log of the whole binary: it tells of what was done, and a file that was altered is found.
#include <gtest/gtest.h>

#include "base/str.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tollgate_process.h"

namespace tollgate::testing {
namespace {

TEST(AuditLog, TellsOfTheStartTheLoginAndTheKeyAndIsWholeAfterAKill) {
  const TempDir dir;
  const std::string data = dir.file("data");
  {
    TollgateProcess tollgate({.data_dir = data});
    tollgate.create_key(R"({"name":"a","tier":"free"})");
    const Json log(tollgate.get("admin", "/api/admin/audit").body);
    ASSERT_EQ(log["data"].size(), 3u);
    EXPECT_EQ(log["data"][0]["action"].text(), "key.create");
    EXPECT_EQ(log["data"][0]["actor"].text(), "admin");
    EXPECT_EQ(log["data"][1]["action"].text(), "login");
    EXPECT_EQ(log["data"][2]["action"].text(), "user.create");
    EXPECT_EQ(log["data"][2]["actor"].text(), "tollgate");
    const Json verdict(tollgate.get("admin", "/api/admin/audit/verify").body);
    EXPECT_TRUE(verdict["intact"].boolean());
    EXPECT_EQ(verdict["head"].text(), log["data"][0]["hash"].text());
    ChildProcess beside(testing::tollgate({"audit", "verify", "--data", data}));
    EXPECT_EQ(beside.wait(), 0) << beside.err();
    EXPECT_NE(beside.out().find(verdict["head"].text()), std::string::npos) << beside.out();
    tollgate.kill();
  }
  ChildProcess after(testing::tollgate({"audit", "verify", "--data", data}));
  EXPECT_EQ(after.wait(), 0) << after.err();
  EXPECT_NE(after.out().find("all 3 entries"), std::string::npos) << after.out();
}

TEST(AuditLog, WithoutADataDirectoryTheCommandSaysSo) {
  const TempDir dir;
  ChildProcess nothing(testing::tollgate({"audit", "verify", "--data", dir.file("none")}));
  EXPECT_EQ(nothing.wait(), 1);
  EXPECT_NE(nothing.err().find("--data"), std::string::npos) << nothing.err();
}

}  // namespace
}  // namespace tollgate::testing
