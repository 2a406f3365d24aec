// What is no key's document is refused as a whole, with a pointer, and changes nothing.
#include "services/admin/harness_test.h"

namespace tollgate::services {
namespace {

using testing::HttpReply;

std::string path(const HttpReply& created, const std::string& rest = {}) {
  return "/api/admin/keys/" + AdminHarness::text(created, "id") + rest;
}

struct Hostile {
  std::string body;
  std::string pointer;
  bool creation_only = false;
};

TEST(Keys, HostileDocumentsAre400WithAPointerAndChangeNothing) {
  AdminHarness admin;
  const HttpReply made = admin.create();
  const std::uint64_t revision = admin.keys.revision();
  const std::string deep = R"({"name":)" + std::string(5000, '[') + std::string(5000, ']') + "}";
  const std::vector<Hostile> table{
      {R"({"name":"a","role":"admin"})", "/role"},
      {R"({"name":"a","id":"0123456789"})", "/id"},
      {R"({"name":"a","Tier":"free"})", "/Tier"},
      {R"({"name":7})", "/name"},
      {R"({"name":""})", "/name"},
      {R"({"name":")" + std::string(201, 'x') + R"("})", "/name"},
      {R"({"name":"a","tier":"a/b"})", "/tier"},
      {R"({"name":"a","tier":["free"]})", "/tier"},
      {R"({"name":"a","maxBurst":-1})", "/maxBurst"},
      {R"({"name":"a","maxBurst":0})", "/maxBurst"},
      {R"({"name":"a","maxBurst":1.5})", "/maxBurst"},
      {R"({"name":"a","maxBurst":"10"})", "/maxBurst"},
      {R"({"name":"a","maxBurst":18446744073709551616})", "/maxBurst"},
      {R"({"name":"a","maxBurst":1000000000001})", "/maxBurst"},
      {R"({"name":"a","tokensPerWindow":1e3})", "/tokensPerWindow"},
      {R"({"name":"a","tokensPerWindow":true})", "/tokensPerWindow"},
      {R"({"name":"a","refillRate":0})", "/refillRate"},
      {R"({"name":"a","refillRate":-0.5})", "/refillRate"},
      {R"({"name":"a","refillRate":0.0000001})", "/refillRate"},
      {R"({"name":"a","refillRate":1.0000001})", "/refillRate"},
      {R"({"name":"a","refillRate":1000000001})", "/refillRate"},
      {R"({"name":"a","refillRate":1e999})", "/refillRate"},
      {R"({"name":"a","refillRate":"1"})", "/refillRate"},
      {R"({"name":"a","refillRate":0.000001,"maxBurst":1000000000000})", "/maxBurst"},
      {R"({"name":"a","expiresAt":"tomorrow"})", "/expiresAt"},
      {R"({"name":"a","expiresAt":"2020-01-01T00:00:00Z"})", "/expiresAt", true},
      {R"({"name":"a","expiresAt":1})", "/expiresAt"},
      {R"({"name":"a","name":"b"})", "/name"},
      {"{\"name\":\"\xff\xfe\"}", "/name"},
      {"{\"name\":\"a\x01\"}", "/name"},
      {deep, "/name"},
      {"[]", ""},
      {"null", ""},
      {"{", ""},
      {"\xef\xbb\xbf{\"name\":\"a\"}", ""},
      {R"({"name":"a"} {})", ""},
  };
  for (const Hostile& hostile : table) {
    const HttpReply reply = admin.send("POST", "/api/admin/keys", hostile.body);
    EXPECT_EQ(reply.status, 400) << hostile.body.substr(0, 100) << "\n" << reply.body;
    const codec::JsonValue problem = AdminHarness::json(reply);
    const codec::JsonValue* errors = problem.find("errors");
    ASSERT_NE(errors, nullptr) << hostile.body.substr(0, 100) << "\n" << reply.body;
    const std::string& pointer = *(*errors->array())[0].find("pointer")->get_if<std::string>();
    EXPECT_TRUE(hostile.pointer.empty() || pointer.starts_with(hostile.pointer)) << hostile.body.substr(0, 100) << "\n"
                                                                                 << reply.body.substr(0, 500);
    if (hostile.creation_only) continue;
    EXPECT_EQ(admin.send("PUT", path(made), hostile.body).status, 400) << hostile.body.substr(0, 100);
    EXPECT_EQ(admin.send("PATCH", path(made), hostile.body).status, 400) << hostile.body.substr(0, 100);
  }
  EXPECT_EQ(admin.keys.revision(), revision);
}

TEST(Keys, BodiesThatAreTooLargeOrNotDeclaredAsJsonAreRefused) {
  AdminHarness admin;
  const std::uint64_t revision = admin.keys.revision();
  EXPECT_EQ(admin.send("POST", "/api/admin/keys", R"({"name":")" + std::string(70'000, 'x') + "\"}").status, 413);
  for (const char* type :
       {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/merge-patch+json"}) {
    const HttpReply reply =
        admin.call({.method = "POST",
                    .target = "/api/admin/keys",
                    .headers = {{"Authorization", "Bearer " + admin.token()}, {"Content-Type", type}},
                    .body = R"({"name":"a"})"});
    EXPECT_EQ(reply.status, 415) << type;
  }
  EXPECT_EQ(admin.keys.revision(), revision);
}

}  // namespace
}  // namespace tollgate::services
