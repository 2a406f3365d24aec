#include "services/analytics/event_input.h"

#include <gtest/gtest.h>

#include "base/str.h"

namespace tollgate::services {
namespace {

const WallTime kNow = *parse_rfc3339("2026-11-25T08:00:00Z");

Error refused(std::string_view body, bool ndjson = false) {
  auto events = read_events({.body = body, .ndjson = ndjson}, kNow);
  EXPECT_FALSE(events) << body;
  return events ? Error(codes::internal) : events.error();
}

std::vector<std::string> pointers(const Error& error) {
  std::vector<std::string> all;
  for (const FieldError& field : error.fields()) all.push_back(field.pointer);
  return all;
}

TEST(ReportedEvents, BecomeRecordsWithTheSameFigures) {
  const auto events =
      read_events({.body = R"({"keyId":"Ab3dEf6hIj","endpoint":"/api/x","method":"POST","statusCode":201,
      "responseTimeMs":12.5,"tier":"pro","timestamp":"2026-11-25T07:59:00Z","bytesIn":7,"bytesOut":9,"cost":3,
      "clientIp":"10.1.2.3"})"},
                  kNow);
  ASSERT_TRUE(events) << events.error().to_string();
  ASSERT_EQ(events->records.size(), 1u);
  const core::DecisionRecord& record = events->records[0];
  EXPECT_EQ(core::key_of_number(record.key).view(), "Ab3dEf6hIj");
  EXPECT_EQ(record.status, 201);
  EXPECT_EQ(record.outcome, core::Outcome::allowed);
  EXPECT_EQ(record.total_us, 12'500u);
  EXPECT_EQ(record.cost, 3u);
  EXPECT_EQ(record.bytes_in.value(), 7u);
  EXPECT_EQ(record.bytes_out.value(), 9u);
  EXPECT_EQ(record.time_ns, (kNow - Seconds(60)).time_since_epoch().count());
  EXPECT_EQ(record.client_family, 4);
  EXPECT_EQ(record.client_net[0], 10);
  EXPECT_EQ(record.route, core::name_ref(core::NameKind::route, "/api/x"));
  EXPECT_EQ(record.tier, core::name_ref(core::NameKind::tier, "pro"));
  EXPECT_EQ(events->names.size(), 2u);
}

TEST(ReportedEvents, KeepNothingOfAWholeKeyButItsId) {
  const std::string key = core::format_api_key(
      {.prefix = "tg", .env = "live", .id = "Ab3dEf6hIj", .secret = "0123456789012345678901234567890123456789abc"});
  const auto events = read_events({.body = str::cat(R"({"apiKey":")", key, R"(","statusCode":200})")}, kNow);
  ASSERT_TRUE(events);
  EXPECT_EQ(core::key_of_number(events->records[0].key).view(), "Ab3dEf6hIj");
}

TEST(ReportedEvents, AreClassedByStatusAndByWhatTheReporterSays) {
  const std::pair<const char*, core::Outcome> cases[] = {
      {R"("statusCode":200)", core::Outcome::allowed},
      {R"("statusCode":404)", core::Outcome::allowed},
      {R"("statusCode":429)", core::Outcome::limited},
      {R"("statusCode":200,"rateLimited":true)", core::Outcome::limited},
      {R"("statusCode":401)", core::Outcome::unauthenticated},
      {R"("statusCode":403)", core::Outcome::forbidden},
      {R"("statusCode":503)", core::Outcome::upstream_error}};
  for (const auto& [members, outcome] : cases) {
    const auto events = read_events({.body = str::cat("{", members, "}")}, kNow);
    ASSERT_TRUE(events) << members;
    EXPECT_EQ(events->records[0].outcome, outcome) << members;
  }
}

TEST(ReportedEvents, ComeAsOneAsAnArrayAndAsLines) {
  EXPECT_EQ(read_events({.body = R"([{"statusCode":200},{"statusCode":429}])"}, kNow)->records.size(), 2u);
  EXPECT_EQ(
      read_events({.body = "{\"statusCode\":200}\n\n{\"statusCode\":429}\n", .ndjson = true}, kNow)->records.size(),
      2u);
  EXPECT_EQ(read_events({.body = "[]"}, kNow)->records.size(), 0u);
}

TEST(ReportedEvents, OneFaultRefusesAllAndSaysWhichEventHasIt) {
  EXPECT_EQ(pointers(refused(R"([{"statusCode":200},{"statusCode":"x"},{"status":1}])")),
            (std::vector<std::string>{"/1/statusCode", "/2/statusCode", "/2/status"}));
  EXPECT_EQ(pointers(refused(R"({"statusCode":200,"cost":-1})")), (std::vector<std::string>{"/cost"}));
  EXPECT_EQ(pointers(refused("{\"statusCode\":200}\n{\"statusCode\":99}", true)),
            (std::vector<std::string>{"/1/statusCode"}));
  EXPECT_EQ(pointers(refused(R"({"statusCode":200,"keyId":"Ab3dEf6hIj","apiKey":"Ab3dEf6hIj"})")),
            (std::vector<std::string>{"/keyId"}));
  EXPECT_EQ(pointers(refused(R"({"statusCode":200,"clientIp":"1.2.3"})")), (std::vector<std::string>{"/clientIp"}));
}

TEST(ReportedEvents, ALineThatIsNoJsonIsNamed) {
  EXPECT_NE(refused("{\"statusCode\":200}\n{\"statusCode\":", true).detail().find("line 2"), std::string::npos);
}

TEST(ReportedEvents, AreOfNowUnlessTheySayWhenAndOfNobodyUnlessTheySayWho) {
  const auto events = read_events({.body = R"([{"statusCode":200},
      {"statusCode":200,"timestamp":"2026-11-25T09:00:00Z","consumer":"acme","id":"order-17"}])"},
                                  kNow);
  ASSERT_TRUE(events) << events.error().to_string();
  EXPECT_EQ(events->records[0].time_ns, kNow.time_since_epoch().count());
  EXPECT_EQ(events->records[1].time_ns, (kNow + Seconds(3600)).time_since_epoch().count());
  EXPECT_EQ(events->records[0].consumer, 0u);
  EXPECT_EQ(events->records[1].consumer, core::name_ref(core::NameKind::consumer, "acme"));
  EXPECT_EQ(events->names,
            (std::vector<core::NameDefinition>{{core::NameKind::consumer, events->records[1].consumer, "acme"}}));
  EXPECT_EQ(events->ids, (std::vector<std::optional<std::string>>{std::nullopt, "order-17"}));
  EXPECT_EQ(pointers(refused(str::cat(R"({"statusCode":200,"id":")", std::string(65, 'x'), "\"}"))),
            (std::vector<std::string>{"/id"}));
}

TEST(ReportedEvents, MoreThanFitsInOneBatchIsRefusedWhole) {
  std::string body = "[";
  for (std::size_t i = 0; i <= kMaxReportedEvents; ++i) str::append(body, i == 0 ? "" : ",", R"({"statusCode":200})");
  EXPECT_TRUE(refused(body + "]").is(codes::payload_too_large));
}

}  // namespace
}  // namespace tollgate::services
