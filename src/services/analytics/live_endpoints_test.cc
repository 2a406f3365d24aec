#include "services/analytics/live_endpoints.h"

#include <gtest/gtest.h>

#include "base/str.h"
#include "http/server.h"
#include "http/service_endpoints.h"
#include "services/analytics/record_intake.h"
#include "tests/support/http_client.h"

namespace tollgate::services {
namespace {

using testing::HttpClient;
using testing::HttpReply;

class NumberNames final : public ports::NameDirectory {
 public:
  std::string text(core::NameKind, core::NameRef ref) const override { return str::cat("name ", ref); }
};

// Takes everything, and knows nothing beforehand.
class AnyIntake final : public ports::UsageIntake {
 public:
  Result<ports::IngestAck> ingest(const core::RecordBatch& batch) override {
    if (batch.aggregate) return ports::IngestAck{.stored_through = 0, .added = batch.aggregate->requests};
    const std::uint64_t known = std::min<std::uint64_t>(known_first, batch.records.size());
    return ports::IngestAck{.stored_through = 0, .added = batch.records.size() - known, .known = known};
  }
  Result<ports::PostAck> post(const ports::EventPost& post) override {
    return ports::PostAck{.added = {.ring_id = 1, .names = {}, .records = post.records}, .known = 0};
  }
  std::uint64_t known_first = 0;
};

class Live : public ::testing::Test {
 protected:
  Live() {
    endpoints_.add_to(router_);
    server_ = *http::Server::start({&thread_}, router_, {.address = {.ip = IpAddress::v4({127, 0, 0, 1})}});
  }
  // A connection on which events come.
  HttpClient watch(const std::string& target, const std::string& fields = {}) {
    HttpClient client(server_->address());
    client.send(str::cat("GET ", target, " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\n", fields, "\r\n"));
    client.read_until("retry: 1000\n\n");
    return client;
  }
  HttpReply get(const std::string& target) {
    return HttpClient(server_->address()).get(target, {{"Authorization", "Bearer t"}});
  }
  void record(std::size_t count, std::uint16_t status = 200) {
    core::RecordBatch batch{.ring_id = 3, .names = {}, .records = {}};
    for (std::size_t i = 0; i < count; ++i) {
      core::DecisionRecord record;
      record.sequence = sequence_++;
      record.status = status;
      record.route = 5;
      record.total_us = 1000;
      batch.records.push_back(record);
    }
    ASSERT_TRUE(intake_.ingest(batch));
  }

  ManualClock clock_;
  AnyIntake store_;
  RecordIntake intake_{store_, clock_};
  NumberNames names_;
  LiveEndpoints endpoints_{
      {.feed = intake_.live(), .tail = intake_.tail(), .names = names_, .guard = http::service_token_guard("t")}};
  http::Router router_;
  runtime::LoopThread thread_{"test"};
  std::unique_ptr<http::Server> server_;
  std::uint64_t sequence_ = 0;
};

TEST_F(Live, SendsEachSecondOnceItIsOver) {
  HttpClient client = watch("/api/analytics/live");
  record(3);
  clock_.advance(Seconds(1));
  const std::string event = client.read_until("\n\n");
  EXPECT_NE(event.find("event: second\n"), std::string::npos) << event;
  EXPECT_NE(event.find("\"requests\":3,\"allowed\":3"), std::string::npos) << event;
  EXPECT_NE(event.find("\"outcomes\":{\"allowed\":3"), std::string::npos) << event;
}

TEST_F(Live, WhoComesBackGetsWhatItMissed) {
  record(1);
  clock_.advance(Seconds(1));
  record(2);
  clock_.advance(Seconds(1));
  HttpClient client = watch("/api/analytics/live", str::cat("Last-Event-ID: ", intake_.live().epoch(), "-1\r\n"));
  const std::string missed = client.read_until("\n\n");
  EXPECT_NE(missed.find("-2\nevent: second"), std::string::npos) << missed;
  EXPECT_NE(missed.find("\"requests\":2"), std::string::npos) << missed;
}

TEST_F(Live, AnIdOfAnotherStartGetsAllThatIsKept) {
  record(1);
  clock_.advance(Seconds(2));
  HttpClient client = watch("/api/analytics/live", "Last-Event-ID: 1-777\r\n");
  const std::string first = client.read_until("\n\n");
  EXPECT_NE(first.find("-1\nevent: second"), std::string::npos) << first;
}

TEST_F(Live, HistoryIsBoundedAndOtherParametersMeanNothing) {
  EXPECT_EQ(get("/api/analytics/live?history=121").status, 400);
  EXPECT_EQ(get("/api/analytics/live?history=-1").status, 400);
  EXPECT_EQ(get("/api/analytics/live?step=1").status, 400);
  EXPECT_EQ(HttpClient(server_->address()).get("/api/analytics/live").status, 401);
}

TEST_F(Live, TailShowsWhatItsFilterWants) {
  HttpClient client = watch("/api/analytics/tail?status=4xx");
  record(1);
  record(1, 429);
  const std::string event = client.read_until("\n\n");
  EXPECT_TRUE(event.find("event: record\n") != std::string::npos) << event;
  EXPECT_NE(event.find("\"status\":429"), std::string::npos) << event;
  EXPECT_NE(event.find("\"route\":\"name 5\""), std::string::npos) << event;
}

TEST_F(Live, ASlowTailIsToldWhatItMissed) {
  HttpClient client = watch("/api/analytics/tail");
  record(TailQueue::kRecordsMax + 5);
  EXPECT_NE(client.read_until("event: dropped\ndata: {\"records\":5}\n\n").size(), 0u);
}

TEST_F(Live, ARecordThatComesAgainIsShownOnce) {
  store_.known_first = 2;
  HttpClient client = watch("/api/analytics/tail");
  record(3);
  const std::string event = client.read_until("\n\n");
  EXPECT_NE(event.find("\"sequence\":2}"), std::string::npos) << event;
  clock_.advance(Seconds(1));
  EXPECT_EQ(intake_.live().since(0).back()->counts.requests, 1u);
}

TEST_F(Live, CountsInsteadOfRecordsAreNotShown) {
  HttpClient client = watch("/api/analytics/live");
  const core::Aggregate counts{.first = 0, .end = 20, .requests = 20, .chunks = {}};
  ASSERT_TRUE(intake_.ingest({.ring_id = 3, .names = {}, .records = {}, .aggregate = counts}));
  record(1);
  clock_.advance(Seconds(1));
  const std::string event = client.read_until("\n\n");
  EXPECT_NE(event.find("\"requests\":1,"), std::string::npos) << event;
}

TEST_F(Live, TailRefusesFiltersThatMeanNothing) {
  for (const char* query : {"status=2", "status=6xx", "outcome=joy", "client=here", "key=short", "method=get it",
                            "colour=red", "from=yesterday", "from=2026-11-25T01:00:00Z&to=2026-11-25T00:00:00Z"}) {
    EXPECT_EQ(get(str::cat("/api/analytics/tail?", query)).status, 400) << query;
  }
}

TEST_F(Live, AStreamEndsWhenTheServerIsAskedToStop) {
  HttpClient client = watch("/api/analytics/live");
  HttpClient tail = watch("/api/analytics/tail");
  server_->drain(Millis(10'000));
  EXPECT_NE(client.read_until("0\r\n\r\n").size(), 0u);
  EXPECT_NE(tail.read_until("0\r\n\r\n").size(), 0u);
}

}  // namespace
}  // namespace tollgate::services
