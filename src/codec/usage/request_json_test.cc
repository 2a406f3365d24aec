#include "codec/usage/request_json.h"

#include <gtest/gtest.h>

#include <map>

#include "base/str.h"

namespace tollgate::codec {
namespace {

using core::Level;
using core::LoggedRecord;
using core::NameKind;

class FakeNames final : public ports::NameDirectory {
 public:
  std::string text(NameKind kind, core::NameRef ref) const override {
    const auto at = names.find({kind, ref});
    return at == names.end() ? "#00000000" : at->second;
  }
  std::map<std::pair<NameKind, core::NameRef>, std::string> names{
      {{NameKind::route, 1}, "orders"},
      {{NameKind::tier, 2}, "free"},
      {{NameKind::consumer, 3}, "=Acme, \"Inc\""},
      {{NameKind::limits, 4}, "key(key),per-client(route,client_ip),all()"}};
};

LoggedRecord refused() {
  core::DecisionRecord record;
  record.sequence = 9;
  record.time_ns = 1'790'000'000'250'000'000;
  record.request_id = 0x6ab1'3b80'0000'00ffu;
  record.trace_id[15] = 1;
  record.key = core::key_number(*core::KeyId::parse("Ab3dEf6hIj"));
  record.client_net = {203, 0, 113, 9};
  record.client_family = 4;
  record.route = 1;
  record.tier = 2;
  record.consumer = 3;
  record.limits = 4;
  record.cost = 5;
  record.retry_after_ms = 1500;
  record.total_us = 125;
  record.generation = 7;
  record.status = 429;
  record.outcome = core::Outcome::limited;
  record.checks = 3;
  record.refused_by = 2;
  record.bytes_out = 321;
  record.levels_before = {Level::of(98), Level::of(100'001), Level::of(4)};
  return {.ring_id = 0xabc, .record = record};
}

std::string json_of(const LoggedRecord& logged) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  write_request_members(json, logged, FakeNames());
  json.end_object();
  return text;
}

TEST(RequestJson, SaysEverythingTheRecordSays) {
  EXPECT_EQ(json_of(refused()),
            R"({"id":"6ab13b80000000ff","time":"2026-09-21T14:13:20.250Z","key":"Ab3dEf6hIj",)"
            R"("consumer":"=Acme, \"Inc\"","tier":"free","route":"orders","method":"GET","status":429,)"
            R"("outcome":"limited","cost":5,"limits":[)"
            R"({"name":"key","countsBy":["key"],"before":98,"after":98,"exact":true,"refused":false},)"
            R"({"name":"per-client","countsBy":["route","client_ip"],"before":100000,"after":100000,"exact":false,)"
            R"("refused":false},)"
            R"({"name":"all","countsBy":[],"before":4,"after":4,"exact":true,"refused":true}],"refusedBy":"all",)"
            R"("retryAfterMs":1500,"latencyMs":0.125,"upstreamMs":0,"bytesIn":0,"bytesOut":321,)"
            R"("client":"203.0.113.9","traceId":"00000000000000000000000000000001","generation":7,)"
            R"("ring":"0000000000000abc","sequence":9})");
}

TEST(RequestJson, WhatIsNotKnownIsNull) {
  const std::string text = json_of({});
  for (const std::string_view member :
       {"key", "consumer", "tier", "route", "refusedBy", "retryAfterMs", "client", "traceId"}) {
    EXPECT_NE(text.find(str::cat("\"", member, "\":null")), std::string::npos) << member << " in " << text;
  }
  EXPECT_NE(text.find("\"limits\":[]"), std::string::npos);
}

TEST(RequestJson, AnAllowedRequestTookItsCostFromEachLimit) {
  LoggedRecord logged = refused();
  logged.record.refused_by = -1;
  logged.record.outcome = core::Outcome::allowed;
  const auto levels = limit_levels(logged.record, FakeNames());
  ASSERT_EQ(levels.size(), 3u);
  EXPECT_EQ(levels[0].after, 93u);
  EXPECT_EQ(levels[1].after, 99'995u);
  EXPECT_EQ(levels[2].after, 4u);  // it only watches: there was not enough to take
}

TEST(RequestJson, ForeignBytesAreShownAsWhatTheyAreNot) {
  LoggedRecord logged = refused();
  logged.record.checks = 200;
  logged.record.limits = 99;
  logged.record.outcome = static_cast<core::Outcome>(99);
  logged.record.method = 255;
  logged.record.key = core::kKeyNumberMax + 1;
  logged.record.client_family = 7;
  const auto levels = limit_levels(logged.record, FakeNames());
  ASSERT_EQ(levels.size(), core::kRecordedLimits);
  EXPECT_EQ(levels[0].name, "#1");
  const std::string text = json_of(logged);
  EXPECT_NE(text.find("\"outcome\":\"unknown\""), std::string::npos);
  EXPECT_NE(text.find("\"key\":null"), std::string::npos);
}

TEST(RequestJson, ClientsOfIpv6AreTheirNetwork) {
  LoggedRecord logged = refused();
  logged.record.client_net = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 7};
  logged.record.client_family = 6;
  EXPECT_NE(json_of(logged).find("\"client\":\"2001:db8:0:7::/64\""), std::string::npos) << json_of(logged);
}

TEST(RequestCsv, HasAsManyFieldsAsItsHeaderAndRunsNoFormula) {
  std::string text;
  append_csv_header(text);
  append_csv_row(text, refused(), FakeNames());
  EXPECT_EQ(
      text,
      "id,time,key,consumer,tier,route,method,status,outcome,cost,refused_by,retry_after_ms,latency_ms,"
      "upstream_ms,bytes_in,bytes_out,client,trace_id,generation,ring,sequence\r\n"
      "6ab13b80000000ff,2026-09-21T14:13:20.250Z,Ab3dEf6hIj,\"'=Acme, \"\"Inc\"\"\",free,orders,GET,429,limited,5,"
      "all,1500,0.125,0,0,321,203.0.113.9,00000000000000000000000000000001,7,0000000000000abc,9\r\n");
}

TEST(Outcomes, EveryNameIsReadBack) {
  for (std::uint8_t i = 0; i < 8; ++i) {
    const auto outcome = static_cast<core::Outcome>(i);
    EXPECT_EQ(parse_outcome(outcome_name(outcome)), outcome);
  }
  EXPECT_FALSE(parse_outcome("unknown"));
}

}  // namespace
}  // namespace tollgate::codec
