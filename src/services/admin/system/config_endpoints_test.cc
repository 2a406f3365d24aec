#include <gmock/gmock.h>

#include "config/load.h"
#include "services/admin/harness_test.h"

namespace tollgate::services {
namespace {

class ConfigEndpointsTest : public ::testing::Test {
 protected:
  testing::HttpReply send_yaml(const std::string& what, const std::string& yaml,
                               const std::string& type = "application/yaml", const std::string& user = "admin") {
    return admin_.call({.method = "POST",
                        .target = "/api/admin/config/" + what,
                        .headers = {{"Authorization", "Bearer " + admin_.token(user)}, {"Content-Type", type}},
                        .body = yaml});
  }
  std::string export_yaml() { return admin_.send("GET", "/api/admin/config/export").body; }

  AdminHarness admin_;
};

TEST_F(ConfigEndpointsTest, WhatIsExportedChangesNothing) {
  const auto exported = admin_.send("GET", "/api/admin/config/export");
  EXPECT_EQ(exported.status, 200);
  EXPECT_EQ(exported.header("Content-Type"), "application/yaml");
  EXPECT_THAT(exported.body, ::testing::HasSubstr("logLevel: info\n"));
  EXPECT_THAT(exported.body, ::testing::Not(::testing::HasSubstr("canary")));
  const auto diff = send_yaml("diff", exported.body);
  EXPECT_EQ(diff.body, R"({"changes":[],"needsRestart":[]})");
}

TEST_F(ConfigEndpointsTest, EveryProblemIsNamedWithItsPlace) {
  const auto reply = send_yaml("validate", "logLevel: loud\ngateway:\n  listen: {port: 99999}\n");
  EXPECT_EQ(reply.status, 200);
  const auto document = AdminHarness::json(reply);
  EXPECT_EQ(*document.find("valid")->get_if<bool>(), false);
  const auto& errors = *document.find("errors")->get_if<codec::JsonArray>();
  ASSERT_EQ(errors.size(), 2u) << reply.body;
  EXPECT_EQ(*errors[0].find("path")->get_if<std::string>(), "logLevel");
  EXPECT_EQ(*errors[0].find("line")->get_if<std::uint64_t>(), 1u);
  EXPECT_EQ(*errors[1].find("path")->get_if<std::string>(), "gateway.listen.port");
  EXPECT_EQ(*errors[1].find("line")->get_if<std::uint64_t>(), 3u);
  EXPECT_EQ(send_yaml("validate", export_yaml()).body, R"({"valid":true,"errors":[]})");
  EXPECT_EQ(send_yaml("diff", "logLevel: loud").status, 400);
  EXPECT_EQ(send_yaml("validate", "{}", "application/json").status, 415);
}

TEST_F(ConfigEndpointsTest, TheLogLevelTakesEffectAtOnceAndAllElseRefusesTheWholeFile) {
  EXPECT_EQ(send_yaml("apply", "logLevel: debug").status, 200);
  EXPECT_EQ(admin_.log_level, "debug");
  EXPECT_THAT(export_yaml(), ::testing::HasSubstr("logLevel: debug\n"));
  EXPECT_THAT(admin_.send("GET", "/api/admin/audit?action=config").body,
              ::testing::HasSubstr(R"("path":"logLevel","from":"info","to":"debug")"));

  const auto refused = send_yaml("apply", "{logLevel: warn, workers: 3}");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(AdminHarness::text(refused, "code"), "needs_restart");
  EXPECT_THAT(refused.body, ::testing::HasSubstr(R"("pointer":"workers")"));
  EXPECT_EQ(admin_.log_level, "debug") << "nothing of it";
  EXPECT_EQ(send_yaml("diff", "{logLevel: warn, workers: 3}").body,
            R"({"changes":[{"path":"logLevel","from":"debug","to":"warn"},{"path":"workers","from":"0","to":"3"}],)"
            R"("needsRestart":["workers"]})");
}

TEST_F(ConfigEndpointsTest, OnlyAdminsApply) {
  admin_.put_user("olga", "operator");
  EXPECT_EQ(send_yaml("apply", "logLevel: debug", "application/yaml", "olga").status, 403);
  EXPECT_EQ(send_yaml("diff", "logLevel: debug", "application/yaml", "olga").status, 200);
}

}  // namespace
}  // namespace tollgate::services
