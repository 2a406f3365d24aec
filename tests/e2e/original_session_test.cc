#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/tollgate_process.h"

namespace tollgate::testing {
namespace {

Command session(const TollgateProcess& tollgate, const std::string& password) {
  const std::string script = std::string(std::getenv("TG_SOURCE_DIR")) + "/examples/original-session.sh";
  return {.argv = {"/bin/sh", script},
          .env = {{"GATEWAY_URL", tollgate.url("gateway")},
                  {"BACKEND_URL", tollgate.url("backend")},
                  {"LIMITER_URL", tollgate.url("limiter")},
                  {"ANALYTICS_URL", tollgate.url("analytics")},
                  {"ADMIN_URL", tollgate.url("admin")},
                  {"ADMIN_PASSWORD", password}}};
}

TEST(OriginalSession, WorksAsItDidWithTheOriginalServices) {
  const TempDir dir;
  const TollgateProcess tollgate({.data_dir = dir.file("data"), .env = {{"ADMIN_PASSWORD", "admin123"}}});
  ChildProcess script(session(tollgate, "admin123"));
  EXPECT_EQ(script.wait(), 0) << script.out() << script.err();
  EXPECT_NE(script.out().find("Everything is as it should be."), std::string::npos);
  EXPECT_EQ(script.err(), "");

  ChildProcess mistaken(session(tollgate, "admin124"));
  EXPECT_EQ(mistaken.wait(), 1);
  EXPECT_NE(mistaken.err().find("/api/admin/login: 401 instead of 200"), std::string::npos) << mistaken.err();
}

}  // namespace
}  // namespace tollgate::testing
