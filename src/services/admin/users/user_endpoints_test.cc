#include "services/admin/users/user_endpoints.h"

#include "services/admin/harness_test.h"

namespace tollgate::services {
namespace {

using testing::HttpReply;

constexpr const char* kAnna = R"({"name":"anna","password":"correct horse battery staple","role":"operator"})";

int me(AdminHarness& admin, const std::string& cookie) {
  return admin.call({.target = "/api/admin/me", .headers = {{"Cookie", cookie}}}).status;
}

TEST(Users, AreMadeReadListedAndDeletedAndTheirPasswordsNeverShown) {
  AdminHarness admin;
  const HttpReply made = admin.send("POST", "/api/admin/users", kAnna);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.header("Location"), "/api/admin/users/anna");
  EXPECT_EQ(AdminHarness::text(made, "role"), "operator");
  EXPECT_EQ(admin.send("POST", "/api/admin/users", kAnna).status, 409);
  const HttpReply list = admin.send("GET", "/api/admin/users");
  EXPECT_EQ(AdminHarness::json(list).find("data")->array()->size(), 2u);
  const HttpReply page = admin.send("GET", "/api/admin/users?limit=1");
  EXPECT_EQ(AdminHarness::text(page, "nextCursor"), "admin");
  EXPECT_EQ(
      AdminHarness::json(admin.send("GET", "/api/admin/users?limit=1&cursor=admin")).find("data")->array()->size(), 1u);
  for (const HttpReply& reply : {made, list}) {
    EXPECT_EQ(reply.body.find("password"), std::string::npos) << reply.body;
    EXPECT_EQ(reply.body.find("argon2"), std::string::npos) << reply.body;
  }
  const std::string cookie = admin.cookie("anna");
  EXPECT_EQ(admin.send("DELETE", "/api/admin/users/anna").status, 204);
  EXPECT_EQ(me(admin, cookie), 401);
  EXPECT_EQ(admin.send("GET", "/api/admin/users/anna").status, 404);
}

TEST(Users, AChangeOfRoleOrPasswordOrBeingDisabledEndsWhatTheyHaveOpen) {
  AdminHarness admin;
  admin.send("POST", "/api/admin/users", kAnna);
  std::string cookie = admin.cookie("anna");
  EXPECT_EQ(admin.send("PATCH", "/api/admin/users/anna", "{}").status, 200);
  EXPECT_EQ(me(admin, cookie), 200) << "nothing changed";
  EXPECT_EQ(admin.send("PATCH", "/api/admin/users/anna", R"({"role":"viewer"})").status, 200);
  EXPECT_EQ(me(admin, cookie), 401);
  cookie = admin.cookie("anna");
  EXPECT_EQ(admin.send("PUT", "/api/admin/users/anna/password", R"({"password":"another horse entirely"})").status,
            204);
  EXPECT_EQ(me(admin, cookie), 401);
  EXPECT_EQ(admin.sign_in("anna", kTestPassword).status, 401);
  EXPECT_EQ(admin.sign_in("anna", "another horse entirely").status, 201);
  EXPECT_EQ(admin.send("PATCH", "/api/admin/users/anna", R"({"disabled":true})").status, 200);
  EXPECT_EQ(admin.sign_in("anna", "another horse entirely").status, 401) << "as for a wrong password";
  EXPECT_EQ(admin.log_in("anna", "another horse entirely").status, 401);
  EXPECT_EQ(admin.send("PATCH", "/api/admin/users/anna", R"({"disabled":false})").status, 200);
  EXPECT_EQ(admin.sign_in("anna", "another horse entirely").status, 201);
}

TEST(Users, CanBeSignedOutEverywhere) {
  AdminHarness admin;
  admin.send("POST", "/api/admin/users", kAnna);
  const std::string cookie = admin.cookie("anna");
  const std::string token = admin.token("anna");
  EXPECT_EQ(admin.send("DELETE", "/api/admin/users/anna/sessions").status, 204);
  EXPECT_EQ(me(admin, cookie), 401);
  EXPECT_EQ(admin.call({.target = "/api/admin/me", .headers = {{"Authorization", "Bearer " + token}}}).status, 401);
  EXPECT_EQ(admin.send("DELETE", "/api/admin/users/nobody/sessions").status, 404);
}

TEST(Users, TheLastAdminStays) {
  AdminHarness admin;
  const auto code = [&](const char* method, const std::string& body = {}) {
    return AdminHarness::text(admin.send(method, "/api/admin/users/admin", body), "code");
  };
  EXPECT_EQ(code("DELETE"), "last_admin");
  EXPECT_EQ(code("PATCH", R"({"role":"viewer"})"), "last_admin");
  EXPECT_EQ(code("PATCH", R"({"disabled":true})"), "last_admin");
  EXPECT_EQ(admin.send("GET", "/api/admin/me").status, 200);
}

TEST(Users, WhoChangesTheirOwnRoleStaysSignedInWhereTheyDidIt) {
  AdminHarness admin;
  admin.put_user("boss", "admin");
  const std::string here = admin.cookie("boss");
  const std::string elsewhere = admin.cookie("boss");
  EXPECT_EQ(admin.from_page(here, "PATCH", "/api/admin/users/boss", R"({"role":"viewer"})").status, 200);
  EXPECT_EQ(me(admin, here), 200);
  EXPECT_EQ(me(admin, elsewhere), 401);
  EXPECT_EQ(admin.from_page(here, "GET", "/api/admin/users").status, 403);
}

TEST(Users, WhoWritesOverAnothersChangeIsShownIt) {
  AdminHarness admin;
  const std::string seen = admin.send("POST", "/api/admin/users", kAnna).header("ETag");
  const HttpReply other = admin.send("PATCH", "/api/admin/users/anna", R"({"role":"viewer"})", {{"If-Match", seen}});
  ASSERT_EQ(other.status, 200);
  const HttpReply late = admin.send("PATCH", "/api/admin/users/anna", R"({"role":"admin"})", {{"If-Match", seen}});
  EXPECT_EQ(late.status, 412);
  EXPECT_EQ(late.header("ETag"), other.header("ETag"));
  EXPECT_EQ(AdminHarness::text(late, "code"), "precondition_failed");
  const codec::JsonValue document = AdminHarness::json(late);
  EXPECT_EQ(*document.find("current")->find("role")->get_if<std::string>(), "viewer");
  EXPECT_EQ(admin.send("DELETE", "/api/admin/users/anna", {}, {{"If-Match", seen}}).status, 412);
}

TEST(Users, RefuseWhatIsNoUser) {
  AdminHarness admin;
  for (const char* bad :
       {R"({})", R"({"name":"anna","role":"viewer"})", R"({"name":"anna","password":"short","role":"viewer"})",
        R"({"name":"anna","password":"correct horse battery staple"})",
        R"({"name":"anna","password":"correct horse battery staple","role":"root"})",
        R"({"name":"a b","password":"correct horse battery staple","role":"viewer"})",
        R"({"name":"<b>","password":"correct horse battery staple","role":"viewer"})",
        R"({"name":"anna","password":"correct horse battery staple","role":"viewer","disabled":false})"}) {
    EXPECT_EQ(admin.send("POST", "/api/admin/users", bad).status, 400) << bad;
  }
  admin.send("POST", "/api/admin/users", kAnna);
  EXPECT_EQ(admin.send("PATCH", "/api/admin/users/anna", R"({"name":"b"})").status, 400);
  EXPECT_EQ(admin.send("PUT", "/api/admin/users/anna/password", R"({"password":"short"})").status, 400);
  EXPECT_EQ(admin.send("PATCH", "/api/admin/users/nobody", R"({"role":"viewer"})").status, 404);
}

}  // namespace
}  // namespace tollgate::services
