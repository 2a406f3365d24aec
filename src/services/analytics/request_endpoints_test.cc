#include "services/analytics/request_endpoints.h"

#include <gtest/gtest.h>

#include <set>
#include "core/usage/names.h"

#include "http/server.h"
#include "http/service_endpoints.h"
#include "services/analytics/explanation.h"
#include "tests/support/http_client.h"
#include "tests/support/json.h"
#include "tests/support/memory_request_log.h"

namespace tollgate::services {
namespace {

using core::DecisionRecord;
using core::Outcome;
using testing::HttpClient;
using testing::HttpReply;
using testing::Json;

constexpr std::string_view kKey = "Ab3dEf6hIj";
constexpr std::string_view kLimits = "key(key),per-client(route,client_ip)";
constexpr std::uint64_t kSecond = 1'790'000'000;

class KnownNames final : public ports::NameDirectory {
 public:
  std::string text(core::NameKind kind, core::NameRef ref) const override {
    for (const std::string_view name :
         std::initializer_list<std::string_view>{"orders", "users", "free", "Acme", kLimits}) {
      if (core::name_ref(kind, name) == ref) return std::string(name);
    }
    return "#unknown";
  }
};

// An allowed request, `ms` after the beginning.
DecisionRecord request_at(std::uint64_t ms, std::string_view route = "orders") {
  static std::uint64_t next = 1;
  DecisionRecord record;
  record.time_ns = static_cast<std::int64_t>(kSecond * 1'000'000'000 + ms * 1'000'000);
  record.request_id = (kSecond + ms / 1000) << 32 | next;
  record.sequence = next++;
  record.key = core::key_number(*core::KeyId::parse(kKey));
  record.client_net = {203, 0, 113, 9};
  record.client_family = 4;
  record.route = core::name_ref(core::NameKind::route, route);
  record.tier = core::name_ref(core::NameKind::tier, "free");
  record.limits = core::name_ref(core::NameKind::limits, kLimits);
  record.checks = 2;
  record.cost = 1;
  record.status = 200;
  record.levels_before = {core::Level::of(10), core::Level::of(3)};
  return record;
}

DecisionRecord refused_at(std::uint64_t ms) {
  DecisionRecord record = request_at(ms);
  record.status = 429;
  record.outcome = Outcome::limited;
  record.refused_by = 1;
  record.retry_after_ms = 1500;
  record.levels_before[1] = core::Level::of(0);
  return record;
}

std::string id_of(const DecisionRecord& record) {
  return http::format_request_id(record.request_id);
}

class Requests : public ::testing::Test {
 protected:
  Requests() {
    endpoints_.add_to(router_);
    server_ = *http::Server::start({&thread_}, router_, {.address = {.ip = IpAddress::v4({127, 0, 0, 1})}});
  }
  void log(std::vector<DecisionRecord> records, std::uint64_t ring = 1) {
    ASSERT_TRUE(log_.append({.ring_id = ring, .names = {}, .records = std::move(records)}));
  }
  HttpReply get(const std::string& path) {
    return HttpClient(server_->address()).get("/api/analytics/" + path, {{"Authorization", "Bearer t"}});
  }
  // Of a page, the sequences.
  static std::vector<std::uint64_t> sequences(const Json& page) {
    std::vector<std::uint64_t> found;
    for (std::size_t i = 0; i < page["data"].size(); ++i) found.push_back(page["data"][i]["sequence"].uint());
    return found;
  }

  testing::MemoryRequestLog log_;
  KnownNames names_;
  runtime::BlockingPool pool_{1};
  RequestEndpoints endpoints_{{.log = log_, .names = names_, .pool = pool_, .guard = http::service_token_guard("t")}};
  http::Router router_;
  runtime::LoopThread thread_{"test"};
  std::unique_ptr<http::Server> server_;
};

TEST_F(Requests, ComeInPagesTheLatestFirst) {
  std::vector<DecisionRecord> all;
  for (std::uint64_t i = 0; i < 25; ++i) all.push_back(request_at(i));
  log(all);
  std::vector<std::uint64_t> seen;
  std::string cursor;
  do {
    const HttpReply reply = get("requests?limit=10" + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(reply.status, 200) << reply.body;
    const Json page(reply.body);
    EXPECT_TRUE(page["exact"].boolean());
    for (const std::uint64_t sequence : sequences(page)) seen.push_back(sequence);
    cursor = page["nextCursor"].is_null() ? "" : page["nextCursor"].text();
  } while (!cursor.empty());
  ASSERT_EQ(seen.size(), all.size());
  EXPECT_TRUE(std::ranges::is_sorted(seen, std::greater()));
}

TEST_F(Requests, EachFilterLeavesOutWhatItDoesNotWant) {
  const DecisionRecord plain = request_at(0);
  const DecisionRecord refused = refused_at(1000);
  DecisionRecord other = request_at(2000, "users");
  other.key = 0;
  other.tier = 0;
  other.consumer = core::name_ref(core::NameKind::consumer, "Acme");
  other.method = 2;
  other.client_net = {0x20, 0x01, 0x0d, 0xb8};
  other.client_family = 6;
  other.status = 502;
  other.outcome = Outcome::upstream_error;
  log({plain, refused, other});
  using Found = std::vector<std::uint64_t>;
  const std::pair<const char*, Found> table[] = {
      {"key=Ab3dEf6hIj", {refused.sequence, plain.sequence}},
      {"key=none", {other.sequence}},
      {"route=users", {other.sequence}},
      {"tier=free", {refused.sequence, plain.sequence}},
      {"tier=none", {other.sequence}},
      {"consumer=Acme", {other.sequence}},
      {"status=429", {refused.sequence}},
      {"status=5xx", {other.sequence}},
      {"outcome=limited", {refused.sequence}},
      {"method=POST", {other.sequence}},
      {"client=203.0.113.9", {refused.sequence, plain.sequence}},
      {"client=2001:db8::77", {other.sequence}},
      {"from=2026-09-21T14:13:21Z&to=2026-09-21T14:13:22Z", {refused.sequence}},
      {"route=orders&status=2xx", {plain.sequence}},
      {"route=nosuch", {}}};
  for (const auto& [query, expected] : table) {
    const HttpReply reply = get(str::cat("requests?", query));
    ASSERT_EQ(reply.status, 200) << query << ": " << reply.body;
    EXPECT_EQ(sequences(Json(reply.body)), expected) << query;
  }
}

TEST_F(Requests, AnAnswerFromADamagedLogSaysSo) {
  log({request_at(0)});
  log_.set_damaged(2);
  const HttpReply reply = get("requests");
  const Json page(reply.body);
  EXPECT_FALSE(page["exact"].boolean());
  EXPECT_EQ(page["read"]["damagedBlocks"].uint(), 2u);
}

TEST_F(Requests, ARefusalIsExplainedByTheLimitThatRefusedAndThoseWhoUsedIt) {
  const DecisionRecord used = request_at(100);
  DecisionRecord another_client = request_at(200);
  another_client.client_net[3] = 10;
  const DecisionRecord another_route = request_at(300, "users");
  const DecisionRecord refused_before = refused_at(400);
  const DecisionRecord refused = refused_at(500);
  const DecisionRecord later = request_at(600);
  log({used, another_client, another_route, refused_before, refused, later});
  const HttpReply reply = get("decisions/" + id_of(refused));
  ASSERT_EQ(reply.status, 200) << reply.body;
  const Json decision(reply.body);
  EXPECT_EQ(decision["refusedBy"].text(), "per-client");
  EXPECT_EQ(decision["limits"].size(), 2u);
  EXPECT_EQ(decision["limits"][0]["before"].uint(), 10u);
  EXPECT_EQ(decision["limits"][0]["after"].uint(), 10u);
  EXPECT_EQ(decision["wouldPassAt"].text(), "2026-09-21T14:13:22.000Z");
  EXPECT_EQ(decision["explanation"].text(),
            "Refused by limit \"per-client\": it had 0 tokens, and the request costs 1. It would have passed 1500 ms "
            "later, at 2026-09-21T14:13:22.000Z, had nobody else asked.");
  EXPECT_EQ(decision["usedBy"]["limit"].text(), "per-client");
  EXPECT_EQ(decision["usedBy"]["tokens"].uint(), 1u);
  EXPECT_TRUE(decision["usedBy"]["complete"].boolean());
  ASSERT_EQ(decision["usedBy"]["requests"].size(), 1u);
  EXPECT_EQ(decision["usedBy"]["requests"][0]["id"].text(), id_of(used));
}

TEST_F(Requests, TheUsersOfABusyBucketAreTheLastFiftyAndItSaysThatThereAreMore) {
  std::vector<DecisionRecord> all;
  for (std::uint64_t i = 0; i < 80; ++i) all.push_back(request_at(i));
  all.push_back(refused_at(100));
  log(all);
  const HttpReply reply = get("decisions/" + id_of(all.back()));
  const Json decision(reply.body);
  EXPECT_FALSE(decision["usedBy"]["complete"].boolean());
  ASSERT_EQ(decision["usedBy"]["requests"].size(), kTokenUsersMax);
  EXPECT_EQ(decision["usedBy"]["requests"][0]["id"].text(), id_of(all[79]));
}

TEST_F(Requests, AnAllowedRequestIsExplainedByItsTightestLimit) {
  const DecisionRecord allowed = request_at(0);
  log({allowed});
  const HttpReply reply = get("decisions/" + id_of(allowed));
  const Json decision(reply.body);
  EXPECT_EQ(decision["explanation"].text(), "Allowed by 2 limits. The tightest, \"per-client\", had 3 and kept 2.");
  EXPECT_TRUE(decision["usedBy"].is_null());
  EXPECT_TRUE(decision["wouldPassAt"].is_null());
}

TEST_F(Requests, EveryOutcomeIsExplainedInWords) {
  std::vector<DecisionRecord> all;
  for (std::uint8_t outcome = 2; outcome < 9; ++outcome) {
    DecisionRecord record = request_at(outcome);
    record.outcome = static_cast<Outcome>(outcome);
    record.checks = 0;
    all.push_back(record);
  }
  log(all);
  std::set<std::string> texts;
  for (const DecisionRecord& record : all) {
    const HttpReply reply = get("decisions/" + id_of(record));
    texts.insert(Json(reply.body)["explanation"].text());
  }
  EXPECT_EQ(texts.size(), all.size());
}

TEST_F(Requests, ADecisionNobodyMadeIs404) {
  log({request_at(0)});
  for (const char* id : {"0000000000000000", "xyz", "6ab13b8000000001ff", "-ab13b8000000001"}) {
    const HttpReply reply = get(str::cat("decisions/", id));
    EXPECT_EQ(reply.status, 404) << id;
    EXPECT_NE(reply.body.find("decision_not_found"), std::string::npos);
  }
}

TEST_F(Requests, AnExportHasEveryRequestOnceTheOldestFirst) {
  std::vector<DecisionRecord> all;
  for (std::uint64_t i = 0; i < 1234; ++i) all.push_back(i % 3 == 0 ? refused_at(i) : request_at(i));
  log(all);
  const HttpReply csv = get("export.csv");
  EXPECT_EQ(csv.status, 200);
  EXPECT_EQ(csv.header("Content-Type"), "text/csv; charset=utf-8");
  EXPECT_NE(csv.header("Content-Disposition").find("attachment"), std::string::npos);
  EXPECT_EQ(std::ranges::count(csv.body, '\n'), 1235);
  EXPECT_LT(csv.body.find(id_of(all.front())), csv.body.find(id_of(all.back())));

  const HttpReply lines = get("export.ndjson?status=429");
  EXPECT_EQ(lines.header("Content-Type"), "application/x-ndjson");
  EXPECT_EQ(std::ranges::count(lines.body, '\n'), 412);
  EXPECT_EQ(lines.body.find("\"status\":200"), std::string::npos);
  EXPECT_EQ(get("export.csv?limit=3").status, 400);
}

TEST_F(Requests, AnExportThatCannotGoOnIsResetAndNotTakenForTheWhole) {
  std::vector<DecisionRecord> all;
  for (std::uint64_t i = 0; i < 200'000; ++i) all.push_back(request_at(i));
  log(std::move(all));
  HttpClient client(server_->address());
  client.send("GET /api/analytics/export.ndjson HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\n\r\n");
  client.read_until("\"sequence\"");
  log_.break_down(true);
  EXPECT_ANY_THROW(client.read_until("\r\n0\r\n\r\n"));
}

TEST_F(Requests, ALogThatCannotBeReadIsA503ThatTellsNothingOfTheServer) {
  log_.break_down(true);
  for (const char* path : {"requests", "decisions/0000000000000001", "export.csv", "export.ndjson"}) {
    const HttpReply reply = get(path);
    EXPECT_EQ(reply.status, 503) << path;
    EXPECT_EQ(reply.body.find("disk"), std::string::npos) << reply.body;
  }
}

TEST_F(Requests, AnswerNobodyWithoutAToken) {
  for (const char* path : {"requests", "decisions/0000000000000001", "export.csv", "export.ndjson"}) {
    EXPECT_EQ(HttpClient(server_->address()).get(str::cat("/api/analytics/", path)).status, 401) << path;
  }
}

TEST_F(Requests, RefuseFiltersAndCursorsThatMeanNothing) {
  for (const char* query : {"limit=0", "limit=1001", "cursor=zzz", "status=999", "colour=red"}) {
    EXPECT_EQ(get(str::cat("requests?", query)).status, 400) << query;
  }
}

}  // namespace
}  // namespace tollgate::services
