#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/str.h"
#include "http/server.h"
#include "http/service_endpoints.h"
#include "services/analytics/fake_usage_test.h"
#include "services/analytics/report_endpoint.h"
#include "tests/support/http_client.h"

namespace tollgate::services {
namespace {

using tollgate::testing::HttpClient;
using tollgate::testing::HttpReply;

class Report : public ::testing::Test {
 protected:
  Report() {
    report_.add_to(router_);
    server_ = *http::Server::start({&thread_}, router_, {.address = {.ip = IpAddress::v4({127, 0, 0, 1})}});
    usage_.total = {.requests = 60, .allowed = 50, .cost = 70};
  }
  HttpReply get(const std::string& query, const std::string& accept = "*/*") {
    return HttpClient(server_->address()).get(str::cat("/api/analytics/usage?", query), {{"Accept", accept}});
  }
  // "k000000000" … with 1, 2, … requests.
  void report_keys(int count) {
    for (int i = 0; i < count; ++i) {
      usage_.reported.push_back({str::cat("k00000000", i), {.requests = static_cast<std::uint64_t>(i + 1)}});
    }
  }

  FakeUsage usage_;
  runtime::BlockingPool pool_{1};
  ReportEndpoint report_{{.usage = usage_, .pool = pool_, .guard = {}}};
  http::Router router_;
  runtime::LoopThread thread_{"test"};
  std::unique_ptr<http::Server> server_;
};

TEST_F(Report, GivesAllEntriesPageByPageAndTheTotalOfAllOnEach) {
  report_keys(5);
  std::string names, cursor;
  for (int page = 0; page < 3; ++page) {
    const HttpReply reply = get(str::cat("month=2026-11&limit=2", cursor.empty() ? "" : "&cursor=", cursor));
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_THAT(reply.body, ::testing::HasSubstr(R"("from":"2026-11-01T00:00:00.000Z","to":"2026-12-01T00:00:00.000Z",)"
                                                 R"("by":"key","exact":true)"));
    EXPECT_THAT(reply.body, ::testing::HasSubstr(R"("total":{"requests":60,"allowed":50)"));
    for (int i = 0; i < 5; ++i) {
      if (reply.body.find(str::cat(R"("name":"k00000000)", i)) != std::string::npos) str::append(names, i);
    }
    const std::size_t at = reply.body.find(R"("nextCursor":")");
    EXPECT_EQ(at == std::string::npos, page == 2) << reply.body;
    cursor = at == std::string::npos ? "" : reply.body.substr(at + 14, 10);
  }
  EXPECT_EQ(names, "01234");
}

TEST_F(Report, AsCsvHasAllEntriesAndTheirSumInTheLastRow) {
  report_keys(5);
  for (const auto& [query, accept] : {std::pair("month=2026-11&format=csv", "*/*"), {"month=2026-11", "text/csv"}}) {
    const HttpReply reply = get(query, accept);
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.header("Content-Type"), "text/csv; charset=utf-8");
    EXPECT_EQ(reply.body,
              "kind,name,requests,allowed,rateLimited,unauthorized,errors,cost,bytesIn,bytesOut\r\n"
              "key,k000000000,1,0,0,0,0,0,0,0\r\n"
              "key,k000000001,2,0,0,0,0,0,0,0\r\n"
              "key,k000000002,3,0,0,0,0,0,0,0\r\n"
              "key,k000000003,4,0,0,0,0,0,0,0\r\n"
              "key,k000000004,5,0,0,0,0,0,0,0\r\n"
              "total,,15,0,0,0,0,0,0,0\r\n");
  }
  EXPECT_THAT(get("month=2026-11&format=json", "text/csv").body, ::testing::StartsWith("{"));
}

TEST_F(Report, OfNamesAddsUpWhatTheirPartsHaveAndLetsNoneBecomeAFormula) {
  usage_.reported = {
      {"=1+1", {.requests = 1}}, {"acme", {.requests = 2}}, {"acme", {.requests = 4}}, {"none", {.requests = 8}}};
  EXPECT_EQ(get("by=consumer&month=2026-11&format=csv").body,
            "kind,name,requests,allowed,rateLimited,unauthorized,errors,cost,bytesIn,bytesOut\r\n"
            "consumer,\"'=1+1\",1,0,0,0,0,0,0,0\r\n"
            "consumer,acme,6,0,0,0,0,0,0,0\r\n"
            "consumer,none,8,0,0,0,0,0,0,0\r\n"
            "total,,15,0,0,0,0,0,0,0\r\n");
  const HttpReply page = get("by=consumer&month=2026-11&limit=1&cursor=%3D1%2B1");
  EXPECT_THAT(page.body, ::testing::HasSubstr(R"("data":[{"name":"acme","requests":6,)"));
  EXPECT_THAT(page.body, ::testing::HasSubstr(R"("nextCursor":"acme")"));
}

TEST_F(Report, TakesAMonthOrTwoBounds) {
  EXPECT_EQ(get("month=2027-02").status, 200);
  EXPECT_EQ(usage_.reports.front().from, *parse_rfc3339("2027-02-01T00:00:00Z"));
  EXPECT_EQ(usage_.reports.front().to, *parse_rfc3339("2027-03-01T00:00:00Z"));
  EXPECT_EQ(get("from=2026-11-01T10:00:00Z&to=2026-11-02T00:00:00Z&by=tier").status, 200);
  EXPECT_EQ(usage_.reports.back().from, *parse_rfc3339("2026-11-01T10:00:00Z"));
}

TEST_F(Report, RefusesWhatItCannotMean) {
  for (const char* query :
       {"", "from=2026-11-01T00:00:00Z", "to=2026-11-01T00:00:00Z", "month=2026-13", "month=2026-1", "month=26-11",
        "month=1969-12", "month=2026-11&from=2026-11-01T00:00:00Z", "month=2026-11&by=route",
        "month=2026-11&format=xml", "month=2026-11&limit=0", "month=2026-11&cursor=short",
        "month=2026-11&format=csv&limit=5", "month=2026-11&format=csv&cursor=k000000001", "month=2026-11&joy=1"}) {
    EXPECT_EQ(get(query).status, 400) << query;
  }
  EXPECT_TRUE(usage_.reports.empty());
}

TEST_F(Report, AStoreThatFailsIsA503InBothForms) {
  usage_.broken = true;
  EXPECT_EQ(get("month=2026-11").status, 503);
  EXPECT_EQ(get("month=2026-11&format=csv").status, 503);
}

}  // namespace
}  // namespace tollgate::services
