// What was asked of the gateway is found again, one request at a time: as it happens, in searches, explained, exported.
#include <algorithm>

#include "base/str.h"
#include "tests/e2e/shared_tollgate.h"

namespace tollgate::testing {
namespace {

// Two at once, then one in a quarter of an hour.
constexpr const char* kTight =
    R"({"name":"tight","tier":"free","consumer":"=Acme","maxBurst":2,"tokensPerWindow":2,"refillRate":0.001})";

class RequestLog : public SharedTollgate {
 protected:
  static HttpReply analytics(const std::string& path) { return tollgate().get("analytics", "/api/analytics/" + path); }
  // A connection on which events come.
  static HttpClient watch(const std::string& path) {
    HttpClient client(tollgate().address("analytics"));
    client.send(str::cat("GET /api/analytics/", path, " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ",
                         tollgate().token(), "\r\n\r\n"));
    client.read_until("retry: 1000\n\n");
    return client;
  }
  // The data of the next event of this kind.
  static Json next_event(HttpClient& client, std::string_view kind) {
    client.read_until(str::cat("event: ", kind, "\ndata: "));
    std::string data = client.read_until("\n\n");
    return Json(std::string_view(data).substr(0, data.size() - 2));
  }
  static Json page(const std::string& query) {
    const HttpReply reply = analytics("requests?" + query);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return Json(reply.body);
  }
  static std::string id_of(const HttpReply& reply) { return reply.header("X-Request-Id"); }
};

TEST_F(RequestLog, TailShowsARequestUnderTheIdItsCallerGot) {
  const CreatedKey key = tollgate().create_key(kTight);
  HttpClient client = watch("tail?key=" + key.id);
  const HttpReply reply = tollgate().use(key.text);
  ASSERT_EQ(reply.status, 200);
  const Json record = next_event(client, "record");
  EXPECT_EQ(record["id"].text(), id_of(reply));
  EXPECT_EQ(record["key"].text(), key.id);
  EXPECT_EQ(record["consumer"].text(), "=Acme");
  EXPECT_EQ(record["tier"].text(), "free");
  EXPECT_EQ(record["client"].text(), "127.0.0.1");
  EXPECT_EQ(record["limits"][0]["name"].text(), "key");
  EXPECT_EQ(record["limits"][0]["before"].uint(), 2u);
  EXPECT_EQ(record["limits"][0]["after"].uint(), 1u);
}

TEST_F(RequestLog, LiveSecondsCountEachRequestOnce) {
  const CreatedKey key = tollgate().create_key(R"({"name":"live","tier":"free","maxBurst":100})");
  HttpClient client = watch("live");
  (void)next_event(client, "second");  // may have something of an earlier test
  constexpr std::uint64_t kRequests = 20;
  for (std::uint64_t i = 0; i < kRequests; ++i) EXPECT_EQ(tollgate().use(key.text).status, 200);
  std::uint64_t seen = 0;
  for (int second = 0; second < 10 && seen < kRequests; ++second) {
    seen += next_event(client, "second")["outcomes"]["allowed"].uint();
  }
  EXPECT_EQ(seen, kRequests);
}

TEST_F(RequestLog, ARefusalIsFoundByItsIdAndExplained) {
  const CreatedKey key = tollgate().create_key(kTight);
  const HttpReply first = tollgate().use(key.text);
  const HttpReply second = tollgate().use(key.text);
  const HttpReply refused = tollgate().use(key.text);
  ASSERT_EQ(refused.status, 429);
  EXPECT_EQ(Json(refused.body)["decisionId"].text(), id_of(refused));
  // All three: those of another worker come in a batch of their own.
  ASSERT_TRUE(soon([&] { return page("key=" + key.id)["data"].size() == 3; }));
  const HttpReply reply = analytics("decisions/" + id_of(refused));
  const Json decision(reply.body);
  EXPECT_EQ(decision["outcome"].text(), "limited");
  EXPECT_EQ(decision["refusedBy"].text(), "key");
  EXPECT_GT(decision["retryAfterMs"].uint(), 0u);
  EXPECT_GT(decision["wouldPassAt"].text(), decision["time"].text());
  EXPECT_EQ(decision["usedBy"]["tokens"].uint(), 2u);
  EXPECT_EQ(decision["usedBy"]["requests"][0]["id"].text(), id_of(second));
  EXPECT_EQ(decision["usedBy"]["requests"][1]["id"].text(), id_of(first));
}

TEST_F(RequestLog, SearchAndExportsAgreeWithTheTotals) {
  const CreatedKey key = tollgate().create_key(kTight);
  for (int i = 0; i < 5; ++i) tollgate().use(key.text);
  ASSERT_TRUE(soon([&] { return page("key=" + key.id)["data"].size() == 5; }));
  EXPECT_EQ(page(str::cat("key=", key.id, "&outcome=limited"))["data"].size(), 3u);
  EXPECT_EQ(page(str::cat("key=", key.id, "&status=2xx"))["data"].size(), 2u);
  EXPECT_EQ(page(str::cat("key=", key.id, "&limit=2"))["data"].size(), 2u);
  const HttpReply csv = analytics("export.csv?key=" + key.id);
  EXPECT_EQ(std::ranges::count(csv.body, '\n'), 6);
  EXPECT_NE(csv.body.find(",\"'=Acme\","), std::string::npos) << csv.body;
  EXPECT_EQ(csv.body.find(key.text), std::string::npos);
  const HttpReply lines = analytics("export.ndjson?key=" + key.id);
  EXPECT_EQ(std::ranges::count(lines.body, '\n'), 5);
  EXPECT_EQ(Json(tollgate().get("analytics", "/api/analytics/api-keys/" + key.id).body)["totalRequests"].uint(), 5u);
}

TEST_F(RequestLog, HasPostedEventsOnceAlsoWhenTheyArePostedAgain) {
  const CreatedKey key = tollgate().create_key(kTight);
  const std::string event = str::cat(R"({"id":"e-1","keyId":")", key.id, R"(","route":"outside","statusCode":200})");
  const auto post = [&](const std::string& body) {
    return tollgate().call("analytics", {.method = "POST",
                                         .target = "/api/analytics/log",
                                         .headers = {{"Authorization", "Bearer " + tollgate().token()},
                                                     {"Content-Type", "application/json"},
                                                     {"Idempotency-Key", str::cat(key.id, body.size())}},
                                         .body = body});
  };
  EXPECT_EQ(post(event).status, 201);
  const HttpReply repeated = post(event);
  EXPECT_EQ(repeated.status, 200);
  EXPECT_EQ(repeated.header("Idempotency-Replayed"), "true");
  const HttpReply more = post(str::cat("[", event, R"(,{"statusCode":404,"keyId":")", key.id, R"("}])"));
  EXPECT_EQ(Json(more.body)["added"].uint(), 1u) << more.body;
  const Json found = page("key=" + key.id);
  ASSERT_EQ(found["data"].size(), 2u);
  EXPECT_EQ(page(str::cat("key=", key.id, "&route=outside"))["data"].size(), 1u);
  EXPECT_EQ(Json(tollgate().get("analytics", "/api/analytics/api-keys/" + key.id).body)["totalRequests"].uint(), 2u);
}

}  // namespace
}  // namespace tollgate::testing
