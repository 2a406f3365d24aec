#include <gtest/gtest.h>

#include "base/str.h"
#include "codec/keys/key_changes_json.h"
#include "codec/limits/apply_protocol.h"
#include "codec/usage/usage_json.h"
#include "core/usage/record_batch.h"
#include "stores/remote/remote_key_feed.h"
#include "stores/remote/remote_usage.h"
#include "tests/support/fake_server.h"

namespace tollgate::stores {
namespace {

using testing::FakeReply;
using testing::FakeRequest;
using testing::FakeServer;

constexpr WallTime kNow{Nanos(1'790'000'045'000'000'000)};  // 14:14:05
constexpr ports::UsageCounts kCounts{.requests = 5, .allowed = 4, .rate_limited = 1};
constexpr core::KeyId kKey{{'0', '1', '2', '3', '4', '5', '6', '7', '8', '9'}};

std::unique_ptr<ServiceClient> client(const std::string& url, Millis timeout = Millis(5'000)) {
  auto made = ServiceClient::make({.url = url, .service_token = "the-service-token", .timeout = timeout});
  EXPECT_TRUE(made.has_value());
  return *std::move(made);
}

// Every call that any of the adapters makes, as a function that says how it failed.
using Call = std::function<std::optional<Error>(ServiceClient&)>;
template <class T>
std::optional<Error> error_of(const Result<T>& result) {
  return result ? std::nullopt : std::optional(result.error());
}
const std::map<std::string, Call>& calls() {
  static const std::map<std::string, Call> all{
      {"key feed", [](ServiceClient& c) { return error_of(RemoteKeyFeed(c).changes_since(0, 10)); }},
      {"ingest", [](ServiceClient& c) { return error_of(RemoteUsageIngest(c).ingest({})); }},
      {"system stats", [](ServiceClient& c) { return error_of(RemoteUsageReader(c).system_stats(kNow)); }},
      {"key usage", [](ServiceClient& c) { return error_of(RemoteUsageReader(c).key_usage(kKey, kNow)); }},
      {"time series", [](ServiceClient& c) { return error_of(RemoteUsageReader(c).time_series({})); }},
      {"top", [](ServiceClient& c) { return error_of(RemoteUsageReader(c).top({})); }},
      {"recent minutes", [](ServiceClient& c) { return error_of(RemoteUsageReader(c).recent_minutes(kNow, 3)); }},
  };
  return all;
}

struct Failure {
  const char* name;
  std::function<FakeReply(const FakeRequest&)> script;  // empty: nobody listens
};

TEST(RemoteServices, EveryFailureOfAPeerIsStoreUnavailable) {
  const std::vector<Failure> failures{
      {"refused", {}},
      {"silence", [](const FakeRequest&) { return FakeReply::silence(); }},
      {"reset", [](const FakeRequest&) { return FakeReply{.bytes = {}, .then = FakeReply::Then::reset}; }},
      {"500", [](const FakeRequest&) { return FakeReply::json(500, R"({"code":"conflict","detail":"x"})"); }},
      {"503", [](const FakeRequest&) { return FakeReply::json(503, "{}"); }},
      {"401", [](const FakeRequest&) { return FakeReply::json(401, R"({"code":"unauthenticated_admin"})"); }},
      {"404 of another server", [](const FakeRequest&) { return FakeReply::json(404, "<html>"); }},
      {"redirect", [](const FakeRequest&) { return FakeReply::json(302, "{}"); }},
      {"no HTTP",
       [](const FakeRequest&) { return FakeReply{.bytes = "hello\r\n\r\n", .then = FakeReply::Then::close}; }},
      {"empty", [](const FakeRequest&) { return FakeReply::json(200, ""); }},
      {"garbage", [](const FakeRequest&) { return FakeReply::json(200, "{\"revision\":1,"); }},
      {"another document",
       [](const FakeRequest&) { return FakeReply::json(200, "{\"seed\":1,\"data\":{},\"series\":7}"); }},
      {"truncated",
       [](const FakeRequest&) {
         return FakeReply{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", .then = FakeReply::Then::close};
       }},
  };
  for (const Failure& failure : failures) {
    std::optional<FakeServer> server;
    if (failure.script) server.emplace(failure.script);
    const auto peer = client(server ? server->url() : FakeServer::refusing_url(), Millis(50));
    for (const auto& [name, call] : calls()) {
      const auto error = call(*peer);
      ASSERT_TRUE(error.has_value()) << name << " / " << failure.name;
      EXPECT_TRUE(error->is(codes::store_unavailable)) << name << " / " << failure.name << ": " << error->to_string();
      EXPECT_EQ(error->to_string().find("the-service-token"), std::string::npos);
    }
  }
}

TEST(RemoteServices, EveryCallCarriesTheServiceToken) {
  FakeServer server([](const FakeRequest&) { return FakeReply::json(200, "{}"); });
  const auto peer = client(server.url());
  for (const auto& [name, call] : calls()) call(*peer);
  ASSERT_EQ(server.requests().size(), calls().size());
  for (const FakeRequest& request : server.requests()) {
    EXPECT_EQ(request.header("Authorization"), "Bearer the-service-token") << request.target;
  }
}

TEST(RemoteKeyFeed, AsksFromARevisionAndPassesTheChangesOn) {
  core::KeyChanges changes;
  changes.revision = 12;
  changes.more = true;
  changes.removed = {kKey};
  FakeServer admin([&](const FakeRequest&) { return FakeReply::json(200, codec::encode_key_changes(changes)); });
  const auto peer = client(admin.url());
  RemoteKeyFeed feed(*peer);
  const auto got = feed.changes_since(7, 1'000'000);
  ASSERT_TRUE(got.has_value()) << got.error().to_string();
  EXPECT_EQ(got->revision, 12u);
  EXPECT_TRUE(got->more);
  EXPECT_EQ(got->removed, changes.removed);
  EXPECT_EQ(admin.requests()[0].target, "/api/admin/internal/changes?since=7&max=10000");
}

TEST(RemoteUsageIngest, SendsTheBatchAndReturnsTheAcknowledgement) {
  FakeServer analytics(
      [](const FakeRequest&) { return FakeReply::json(201, R"({"storedThrough":9,"added":2,"known":1})"); });
  const auto peer = client(analytics.url());
  core::RecordBatch batch;
  batch.ring_id = 77;
  batch.records.resize(2);
  batch.records[1].sequence = 1;
  const auto ack = RemoteUsageIngest(*peer).ingest(batch);
  ASSERT_TRUE(ack.has_value()) << ack.error().to_string();
  EXPECT_EQ(ack->stored_through, 9u);
  EXPECT_EQ(ack->added, 2u);
  EXPECT_EQ(ack->known, 1u);
  const FakeRequest sent = analytics.requests()[0];
  EXPECT_EQ(sent.header("Content-Type"), core::kRecordsContentType);
  const auto received = core::decode_batch(sent.body);
  ASSERT_TRUE(received.has_value());
  EXPECT_EQ(received->ring_id, 77u);
  EXPECT_EQ(received->records.size(), 2u);
}

TEST(RemoteUsageIngest, ARefusedBatchKeepsItsCodeAndDetail) {
  for (const auto& [status, code] : {std::pair(409, &codes::conflict), std::pair(400, &codes::invalid_document)}) {
    const std::string problem = str::cat(R"({"code":")", code->name, R"(","detail":"go on from 41"})");
    const int answer = status;
    FakeServer analytics([answer, problem](const FakeRequest&) { return FakeReply::json(answer, problem); });
    const auto ack = RemoteUsageIngest(*client(analytics.url())).ingest({});
    ASSERT_FALSE(ack.has_value());
    EXPECT_TRUE(ack.error().is(*code));
    EXPECT_EQ(ack.error().detail(), "go on from 41");
  }
}

TEST(RemoteUsageReader, AKeyThatWasNeverSeenIsNothingAndNoError) {
  FakeServer analytics([](const FakeRequest&) { return FakeReply::json(404, R"({"code":"key_not_found"})"); });
  const auto usage = RemoteUsageReader(*client(analytics.url())).key_usage(kKey, kNow);
  ASSERT_TRUE(usage.has_value()) << usage.error().to_string();
  EXPECT_FALSE(usage->has_value());
}

TEST(RemoteUsageReader, AsksWhatItWasAskedAndReadsTheAnswer) {
  FakeServer analytics([](const FakeRequest& request) {
    std::string body;
    codec::JsonWriter json(body);
    if (request.target.find("system-stats") != std::string::npos) {
      codec::write_system_stats(json, {.counts = kCounts, .requests_per_second = 3, .latency = {}, .active_keys = 2},
                                {});
    } else if (request.target.find("api-keys") != std::string::npos) {
      codec::write_key_usage(json, kKey, {.counts = kCounts, .latency = {}, .endpoints = {}, .last_used_at = kNow});
    } else if (request.target.find("time-series") != std::string::npos) {
      const WallTime minute = std::chrono::floor<std::chrono::minutes>(kNow);
      const ports::SeriesPoint point{.time = minute, .counts = kCounts, .latency = {}};
      codec::write_time_series(json, {.range = {}, .series = {{.group = {}, .points = {point}}}}, ports::kUsualMetrics);
    } else {
      codec::write_top(json, {.range = {}, .entries = {{.name = "GET orders", .counts = kCounts, .latency = {}}}});
    }
    return FakeReply::json(200, body);
  });
  const auto peer = client(analytics.url());
  RemoteUsageReader reader(*peer);
  EXPECT_EQ(reader.system_stats(kNow)->counts, kCounts);
  EXPECT_EQ((*reader.key_usage(kKey, kNow))->last_used_at, kNow);
  ports::TopQuery top{.from = kNow - Seconds(60), .to = kNow, .count = 5};
  EXPECT_EQ(reader.top(top)->entries.front().counts, kCounts);
  top.by = ports::TopQuery::By::endpoint;
  top.metric = ports::Metric::bytes_out;
  top.filter = {.tier = "pro", .status_class = 4, .method = 2};
  EXPECT_EQ(reader.top(top)->entries.front().name, "GET orders");
  const auto recent = reader.recent_minutes(kNow, 3);
  ASSERT_EQ(recent->size(), 3u);
  EXPECT_EQ((*recent)[0].counts.requests, 0u);
  EXPECT_EQ((*recent)[2].counts, kCounts);
  ports::SeriesQuery query{.from = kNow - Seconds(60),
                           .to = kNow,
                           .step = Seconds(10),
                           .group_by = {ports::Dimension::key, ports::Dimension::status},
                           .filter = {.key = kKey, .consumer = "x/y", .route = "a b&c", .status_class = 0},
                           .metrics = {ports::Metric::requests, ports::Metric::clients}};
  EXPECT_TRUE(reader.time_series(query).has_value());
  std::vector<std::string> targets;
  for (const FakeRequest& request : analytics.requests()) targets.push_back(request.target);
  EXPECT_EQ(
      targets,
      (std::vector<std::string>{
          "/api/analytics/system-stats",
          "/api/analytics/api-keys/0123456789",
          "/api/analytics/top?by=key&metric=requests&from=2026-09-21T14:13:05.000Z&to=2026-09-21T14:14:05.000Z&limit=5",
          "/api/analytics/top?by=endpoint&metric=bytesOut&from=2026-09-21T14:13:05.000Z&to=2026-09-21T14:14:05.000Z"
          "&limit=5&tier=pro&status=4xx&method=POST",
          "/api/analytics/time-series?from=2026-09-21T14:12:00.000Z&to=2026-09-21T14:15:00.000Z&series=50&step=60"
          "&metric=requests,allowed,rateLimited,unauthorized,errors,bytesIn,bytesOut,cost",
          "/api/analytics/time-series?from=2026-09-21T14:13:05.000Z&to=2026-09-21T14:14:05.000Z&series=50&step=10"
          "&groupBy=key,status&metric=requests,clients&key=0123456789&consumer=x%2Fy&route=a%20b%26c&status=none",
      }));
}

TEST(ServiceClient, CallsFromManyThreadsDoNotMixTheirAnswers) {
  FakeServer server([](const FakeRequest& request) { return FakeReply::json(200, request.target); });
  const auto peer = client(server.url());
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const std::string target = str::cat("/", t, "/", i);
        const auto body = peer->get(target);
        if (!body || *body != target) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace tollgate::stores
