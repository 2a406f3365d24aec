#include "services/admin/harness_test.h"

namespace tollgate::services {
namespace {

using testing::HttpReply;

std::string id_of(const HttpReply& made) {
  return AdminHarness::text(made, "id");
}

// "id:ok id:code", in the answer's order.
std::string told(const HttpReply& reply) {
  std::string all;
  const codec::JsonValue document = AdminHarness::json(reply);
  for (const codec::JsonValue& one : *document.find("data")->array()) {
    const codec::JsonValue* error = one.find("error");
    const std::string code = error->is_null() ? "ok" : *error->find("code")->get_if<std::string>();
    EXPECT_EQ(*one.find("ok")->get_if<bool>(), error->is_null());
    str::append(all, all.empty() ? "" : " ", *one.find("id")->get_if<std::string>(), ":", code);
  }
  return all;
}

TEST(KeyBulk, ChangesEachKeyAndTellsOfEach) {
  AdminHarness admin;
  const std::string a = id_of(admin.create());
  const std::string b = id_of(admin.create());
  const auto bulk = [&](const std::string& rest) {
    return admin.send("POST", "/api/admin/keys/bulk",
                      str::cat(R"({"ids":[")", a, R"(","0000000000",")", b, R"("],)", rest, "}"));
  };
  const auto status = [&](const std::string& id) {
    return AdminHarness::text(admin.send("GET", "/api/admin/keys/" + id), "status");
  };
  const std::size_t entries = admin.audit.size();
  const int changes = admin.changes;
  const HttpReply disabled = bulk(R"("action":"disable")");
  ASSERT_EQ(disabled.status, 200) << disabled.body;
  EXPECT_TRUE(told(disabled).starts_with("0000000000:key_not_found ")) << told(disabled);
  EXPECT_NE(told(disabled).find(a + ":ok"), std::string::npos);
  EXPECT_EQ(status(a), "disabled");
  EXPECT_EQ(status(b), "disabled");
  EXPECT_EQ(admin.audit.size(), entries + 2) << "an entry a key";
  EXPECT_EQ(admin.changes, changes + 1) << "followers are woken once";
  bulk(R"("action":"enable")");
  EXPECT_EQ(status(a), "active");
  bulk(R"("action":"tier","tier":"pro")");
  EXPECT_EQ(AdminHarness::text(admin.send("GET", "/api/admin/keys/" + b), "tier"), "pro");
  bulk(R"("action":"delete")");
  EXPECT_EQ(admin.send("GET", "/api/admin/keys/" + a).status, 404);
}

TEST(KeyBulk, RefusesWhatIsNoChangeOfKeysAndDoesNothing) {
  AdminHarness admin;
  const std::string key = id_of(admin.create());
  const std::uint64_t revision = admin.keys.revision();
  const std::string ids = str::cat(R"("ids":[")", key, R"("])");
  for (const std::string& bad :
       {std::string(R"({"ids":[],"action":"disable"})"), std::string(R"({"action":"disable"})"), "{" + ids + "}",
        "{" + ids + R"(,"action":"rotate"})", "{" + ids + R"(,"action":"tier"})",
        "{" + ids + R"(,"action":"disable","tier":"pro"})"}) {
    EXPECT_EQ(admin.send("POST", "/api/admin/keys/bulk", bad).status, 400) << bad;
  }
  EXPECT_EQ(admin.send("POST", "/api/admin/keys/bulk", "{" + ids + R"(,"action":"tier","tier":"none"})").status, 404);
  EXPECT_EQ(admin.keys.revision(), revision);
}

TEST(KeyList, TakesAnOrderAndAConsumerAndRefusesOthers) {
  AdminHarness admin;
  admin.create(R"({"name":"b","consumer":"Acme"})");
  admin.create(R"({"name":"a"})");
  const HttpReply all = admin.send("GET", "/api/admin/keys?sort=name&order=asc");
  ASSERT_EQ(all.status, 200) << all.body;
  EXPECT_EQ(AdminHarness::number(all, "total"), 2u);
  const auto names = [](const HttpReply& reply) { return AdminHarness::json(reply).find("data")->array()->size(); };
  EXPECT_EQ(names(admin.send("GET", "/api/admin/keys?consumer=Acme")), 1u);
  for (const char* bad : {"sort=last4", "order=up", "state=active"}) {
    EXPECT_EQ(admin.send("GET", str::cat("/api/admin/keys?", bad)).status, 400) << bad;
  }
  const HttpReply consumers = admin.send("GET", "/api/admin/consumers?search=ac");
  EXPECT_EQ(consumers.body, R"({"data":[{"name":"Acme","keys":1}],"nextCursor":null})");
}

TEST(KeyUpdate, WhoWritesOverAnothersChangeIsShownIt) {
  AdminHarness admin;
  const HttpReply made = admin.create(R"({"name":"first"})");
  const std::string target = "/api/admin/keys/" + id_of(made);
  const testing::Headers seen{{"If-Match", made.header("ETag")}};
  const HttpReply other = admin.send("PATCH", target, R"({"name":"theirs"})", seen);
  for (const char* method : {"PATCH", "PUT", "DELETE"}) {
    const bool has_body = std::string_view(method) != "DELETE";
    const HttpReply late = admin.send(method, target, has_body ? R"({"name":"mine"})" : "", seen);
    EXPECT_EQ(late.status, 412) << method;
    EXPECT_EQ(late.header("ETag"), other.header("ETag")) << method;
    EXPECT_EQ(*AdminHarness::json(late).find("current")->find("name")->get_if<std::string>(), "theirs") << method;
  }
}

}  // namespace
}  // namespace tollgate::services
