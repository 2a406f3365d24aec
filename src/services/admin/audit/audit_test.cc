#include "services/admin/audit/audit_endpoints.h"

#include <set>

#include "services/admin/audit/audit_note.h"
#include "services/admin/harness_test.h"

namespace tollgate::services {
namespace {

using testing::HttpReply;

// What no entry is written for although it is no GET: it changes nothing.
const std::set<std::string> kChangesNothing{"POST /api/admin/keys/verify", "POST /api/admin/keys/lookup",
                                            "POST /api/admin/routes/match", "POST /api/admin/config/validate",
                                            "POST /api/admin/config/diff"};

struct Change {
  std::string pattern;
  std::string body;
  std::string action;
  std::string object;
};

std::vector<Change> all_changes(const std::string& key) {
  const std::string of_key = "key:" + key;
  const std::string numbers = R"("tokensPerWindow":1,"refillRate":1,"maxBurst":1)";
  const std::string login = str::cat(R"({"username":"anna","password":")", kTestPassword, R"("})");
  return {
      {"POST /api/admin/keys/{key}/rotate", "", "key.rotate", of_key},
      {"POST /api/admin/keys/{key}/disable", "", "key.disable", of_key},
      {"POST /api/admin/keys/{key}/enable", "", "key.enable", of_key},
      {"POST /api/admin/keys/{key}/reset", "", "key.reset", of_key},
      {"PUT /api/admin/keys/{key}", "{" + numbers + "}", "key.update", of_key},
      {"PATCH /api/admin/keys/{key}", R"({"name":"b"})", "key.update", of_key},
      {"POST /api/admin/keys/bulk", str::cat(R"({"ids":[")", key, R"("],"action":"disable"})"), "key.disable", of_key},
      {"DELETE /api/admin/keys/{key}", "", "key.delete", of_key},
      {"POST /api/admin/tiers", R"({"name":"gold",)" + numbers + "}", "tier.create", "tier:gold"},
      {"PUT /api/admin/tiers/{name}", "{" + numbers + "}", "tier.update", "tier:gold"},
      {"DELETE /api/admin/tiers/{name}", "", "tier.delete", "tier:gold"},
      {"POST /api/admin/users", str::cat(R"({"name":"anna","password":")", kTestPassword, R"(","role":"viewer"})"),
       "user.create", "user:anna"},
      {"PATCH /api/admin/users/{name}", R"({"role":"operator"})", "user.update", "user:anna"},
      {"PUT /api/admin/users/{name}/password", str::cat(R"({"password":")", kTestPassword, R"("})"), "user.password",
       "user:anna"},
      {"POST /api/admin/sessions", login, "session.open", "user:anna"},
      {"POST /api/admin/login", login, "login", "user:anna"},
      {"DELETE /api/admin/users/{name}/sessions", "", "user.sessions.end", "user:anna"},
      {"DELETE /api/admin/users/{name}", "", "user.delete", "user:anna"},
  };
}

// Those that end the caller's own credentials have tests of their own below, and what takes no JSON where it is.
const std::set<std::string> kToldElsewhere{"POST /api/admin/config/apply", "POST /api/admin/logout",
                                           "DELETE /api/admin/sessions", "DELETE /api/admin/sessions/{id}",
                                           "PUT /api/admin/me/password"};

std::string target_of(const Change& change, const std::string& key) {
  std::string target = change.pattern.substr(change.pattern.find(' ') + 1);
  const std::string name = change.object.substr(change.object.find(':') + 1);
  for (const auto& [parameter, value] : {std::pair<std::string, std::string>{"{key}", key}, {"{name}", name}}) {
    if (const auto at = target.find(parameter); at != std::string::npos) target.replace(at, parameter.size(), value);
  }
  return target;
}

TEST(Audit, EveryChangeLeavesOneEntryThatSaysWhoAndWhy) {
  AdminHarness admin;
  const std::string key = AdminHarness::text(admin.create(), "id");
  EXPECT_EQ(admin.audit.last().what.action, "key.create");
  std::set<std::string> seen{"POST /api/admin/keys"};
  for (const Change& change : all_changes(key)) {
    const std::size_t before = admin.audit.size();
    const HttpReply reply = admin.send(change.pattern.substr(0, change.pattern.find(' ')), target_of(change, key),
                                       change.body, {{"X-Tollgate-Reason", "ticket 17"}});
    ASSERT_EQ(reply.status / 100, 2) << change.pattern << reply.body;
    EXPECT_EQ(admin.audit.size(), before + 1) << change.pattern;
    const ports::AuditDraft what = admin.audit.last().what;
    const bool is_sign_in = change.action == "login" || change.action == "session.open";
    EXPECT_EQ(what.action, change.action);
    EXPECT_EQ(what.object, change.object) << change.pattern;
    EXPECT_EQ(what.actor, is_sign_in ? "anna" : "admin") << change.pattern;
    EXPECT_EQ(what.via, is_sign_in ? "password" : "token") << change.pattern;
    EXPECT_EQ(what.network, "127.0.0.1");
    EXPECT_EQ(what.reason, is_sign_in ? "" : "ticket 17") << change.pattern;
    seen.insert(change.pattern);
  }
  for (const std::string& pattern : admin.service->router().patterns()) {
    const bool told = seen.contains(pattern) || kChangesNothing.contains(pattern) || kToldElsewhere.contains(pattern);
    EXPECT_TRUE(told || pattern.starts_with("GET ")) << pattern << ": is it in the audit log?";
  }
}

TEST(Audit, EndingOnesOwnSessionsAndChangingOnesOwnPasswordIsTold) {
  AdminHarness admin;
  const std::string mine = admin.cookie();
  admin.cookie();
  const auto leaves = [&](const char* method, const char* target, const std::string& body, std::string_view action) {
    const std::size_t before = admin.audit.size();
    EXPECT_EQ(admin.from_page(mine, method, target, body).status, 204) << target;
    EXPECT_EQ(admin.audit.size(), before + 1) << target;
    EXPECT_EQ(admin.audit.last().what.action, action);
    EXPECT_EQ(admin.audit.last().what.via, "session");
    EXPECT_EQ(admin.audit.last().what.object, "user:admin");
  };
  leaves("PUT", "/api/admin/me/password",
         str::cat(R"({"current":")", kTestPassword, R"(","new":"another horse entirely"})"), "user.password");
  leaves("DELETE", "/api/admin/sessions", {}, "session.end_others");
  leaves("DELETE", "/api/admin/sessions/current", {}, "session.end");
}

TEST(Audit, ARefusedSignInIsToldWithoutWhatWasTyped) {
  AdminHarness admin;
  admin.log_in("admin", "canary-password-1");
  EXPECT_EQ(admin.audit.last().what.action, "login.refused");
  EXPECT_EQ(admin.audit.last().what.actor, "admin");
  EXPECT_EQ(admin.audit.last().what.after, R"({"result":"wrong_password"})");
  admin.sign_in("canary-name-2", "canary-password-3");
  EXPECT_EQ(admin.audit.last().what.actor, "");
  EXPECT_EQ(admin.audit.last().what.object, "user:");
  EXPECT_EQ(admin.audit.last().what.after, R"({"result":"no_such_user"})");
  EXPECT_EQ(admin.send("GET", "/api/admin/audit").body.find("canary"), std::string::npos);
}

TEST(Audit, HoldsBothVersionsAndNoSecret) {
  AdminHarness admin;
  const HttpReply made = admin.create(R"({"name":"first","tier":"free"})");
  const std::string target = "/api/admin/keys/" + AdminHarness::text(made, "id");
  admin.send("PATCH", target, R"({"name":"second","maxBurst":7})");
  const ports::AuditDraft what = admin.audit.last().what;
  EXPECT_NE(
      what.before.find(R"("name":"first","tier":"free","consumer":"","status":"active","expiresAt":null,"limit":null)"),
      std::string::npos)
      << what.before;
  EXPECT_NE(what.after.find(R"("name":"second")"), std::string::npos) << what.after;
  EXPECT_NE(what.after.find(R"("maxBurst":7)"), std::string::npos) << what.after;
  const HttpReply rotated = admin.send("POST", target + "/rotate");
  const std::string log = admin.send("GET", "/api/admin/audit?limit=1000").body;
  for (const HttpReply& reply : {made, rotated}) {
    EXPECT_EQ(log.find(AdminHarness::text(reply, "apiKey").substr(8)), std::string::npos);
  }
  EXPECT_EQ(log.find(kTestPassword), std::string::npos);
  EXPECT_EQ(log.find("argon2"), std::string::npos);
}

TEST(Audit, WhatFailsIsNoChange) {
  AdminHarness admin;
  const std::string target = "/api/admin/keys/" + AdminHarness::text(admin.create(), "id");
  const std::size_t before = admin.audit.size();
  EXPECT_EQ(admin.send("PATCH", target, R"({"name":""})").status, 400);
  EXPECT_EQ(admin.send("PATCH", target, R"({"name":"x"})", {{"If-Match", "\"9999\""}}).status, 412);
  EXPECT_EQ(admin.send("PATCH", target, R"({"name":"x"})", {{"X-Tollgate-Reason", std::string(501, 'x')}}).status, 400);
  EXPECT_EQ(admin.send("DELETE", "/api/admin/users/admin").status, 409);
  EXPECT_EQ(admin.audit.size(), before);
}

TEST(Audit, IsReadInPagesAndExportedAsLinesOldestFirst) {
  AdminHarness admin;
  for (int i = 0; i < 5; ++i) admin.create();
  const codec::JsonValue page = AdminHarness::json(admin.send("GET", "/api/admin/audit?limit=2"));
  ASSERT_EQ(page.find("data")->array()->size(), 2u);
  const codec::JsonValue& newest = page.find("data")->array()->front();
  EXPECT_EQ(*newest.find("seq")->get_if<std::uint64_t>(), admin.audit.size());
  for (const char* member :
       {"time", "actor", "via", "network", "action", "object", "before", "after", "reason", "hash"}) {
    EXPECT_NE(newest.find(member), nullptr) << member;
  }
  const std::string cursor = *page.find("nextCursor")->get_if<std::string>();
  EXPECT_EQ(AdminHarness::json(admin.send("GET", "/api/admin/audit?limit=1000&cursor=" + cursor))
                .find("data")
                ->array()
                ->size(),
            admin.audit.size() - 2);
  for (const char* bad : {"limit=0", "from=yesterday", "cursor=x", "cursor=0", "who=admin"}) {
    EXPECT_EQ(admin.send("GET", str::cat("/api/admin/audit?", bad)).status, 400) << bad;
  }
  const HttpReply lines = admin.send("GET", "/api/admin/audit/export.ndjson");
  EXPECT_EQ(lines.header("Content-Type"), "application/x-ndjson");
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(lines.body, '\n')), admin.audit.size());
  EXPECT_TRUE(lines.body.starts_with(R"({"seq":1,)")) << lines.body;
  EXPECT_EQ(admin.send("GET", "/api/admin/audit/export.ndjson?from=x").status, 400);
  EXPECT_EQ(AdminHarness::number(admin.send("GET", "/api/admin/audit/verify"), "entries"), admin.audit.size());
}

}  // namespace
}  // namespace tollgate::services
