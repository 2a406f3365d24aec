#include "services/admin/system/system_endpoint.h"

#include <gmock/gmock.h>

#include "services/admin/harness_test.h"

namespace tollgate::services {
namespace {

TEST(SystemEndpoint, ShowsStoresTheLogAndTheDisk) {
  AdminHarness admin;
  admin.facts = {.data_dir = "/data",
                 .disk_bytes = 1000,
                 .disk_free_bytes = 400,
                 .workers = 2,
                 .stores = {{.name = "usage",
                             .kind = "sqlite",
                             .mode = "degraded",
                             .detail = "it cannot be read",
                             .max_bytes = 9,
                             .kept = {{"minutes", "400d"}}}}};
  const auto reply = admin.send("GET", "/api/admin/system");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body,
              ::testing::HasSubstr(R"("stores":[{"name":"usage","kind":"sqlite","mode":"degraded","detail":)"
                                   R"("it cannot be read","bytes":null,"freeBytes":null,"maxBytes":9,"items":null,)"
                                   R"("kept":{"minutes":"400d"}}])"));
  EXPECT_THAT(reply.body, ::testing::HasSubstr(R"("log":{"produced":5,"stored":4,"spooled":1,)"));
  EXPECT_THAT(reply.body, ::testing::HasSubstr(R"("disk":{"dataDir":"/data","totalBytes":1000,"freeBytes":400})"));
  EXPECT_THAT(reply.body, ::testing::HasSubstr(R"("version":"0")"));
}

TEST(SystemEndpoint, AnUpstreamIsAsHealthyAsTheLastAttemptToConnect) {
  AdminHarness admin;
  admin.upstreams = {
      {.url = "http://a:1", .routes = {"orders"}, .connected_ago = Seconds(5), .refused_ago = Seconds(9)},
      {.url = "http://b:1", .routes = {}, .connected_ago = Seconds(9), .refused_ago = Seconds(5)},
      {.url = "http://c:1", .routes = {}, .connected_ago = {}, .refused_ago = Seconds(5)},
      {.url = "http://d:1", .routes = {}, .connected_ago = {}, .refused_ago = {}}};
  const auto reply = admin.send("GET", "/api/admin/upstreams");
  const auto document = AdminHarness::json(reply);
  const auto& data = *document.find("data")->get_if<codec::JsonArray>();
  ASSERT_EQ(data.size(), 4u) << reply.body;
  EXPECT_EQ(*data[0].find("healthy")->get_if<bool>(), true);
  EXPECT_EQ(*data[1].find("healthy")->get_if<bool>(), false);
  EXPECT_EQ(*data[2].find("healthy")->get_if<bool>(), false);
  EXPECT_EQ(data[3].find("healthy")->get_if<bool>(), nullptr);
  EXPECT_EQ(*data[0].find("lastConnectedAt")->get_if<std::string>(),
            format_rfc3339(admin.clock.wall_now() - Seconds(5)));
}

}  // namespace
}  // namespace tollgate::services
