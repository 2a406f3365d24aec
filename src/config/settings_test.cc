#include "config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/file.h"
#include "config/describe.h"
#include "config/load.h"

namespace tollgate::config {
namespace {

const LoadInput kBare{.environment = [](std::string_view) { return std::nullopt; }};

Config config_of(std::string_view text, const LoadInput& input = kBare) {
  auto loaded = load_text({.name = "t.yaml", .text = text}, input);
  EXPECT_TRUE(loaded) << loaded.error().detail() << "\n" << text;
  return loaded ? loaded->config : Config{};
}

std::string example(const char* name) {
  const std::filesystem::path folder = std::filesystem::path(std::getenv("TG_SOURCE_DIR")) / "examples";
  auto text = read_file((folder / name).string());
  EXPECT_TRUE(text) << text.error().detail();
  return text ? *text : std::string();
}

TEST(Settings, WrittenDownAndReadAgainAreTheSame) {
  for (const std::string& text : {std::string(), example("full.yaml"), example("tollgate.yaml"),
                                  std::string("gateway: {trustedProxies: [::1, 10.0.0.0/8], via: 'a-b', limits: "
                                              "[{name: a, refillRate: 0.25, maxBurst: 3, scope: global}]}")}) {
    const auto settings = settings_of(config_of(text));
    const std::string yaml = to_yaml(settings);
    EXPECT_THAT(settings_of(config_of(yaml)), testing::ContainerEq(settings)) << yaml;
  }
}

TEST(Settings, LeaveNoneOutThatHasADefault) {
  std::set<std::string> listed;
  for (const SettingText& setting : settings_of(config_of(example("full.yaml")))) {
    std::string path;
    for (const char c : setting.path) {
      if (c < '0' || c > '9' || path.empty() || path.back() != '[') path.push_back(c);
    }
    listed.insert(path);
  }
  for (const KeyInfo& key : known_keys()) {
    const bool is_constant = key.path.ends_with(".kind");
    if (key.fallback.empty() || is_constant) continue;
    EXPECT_TRUE(listed.contains(std::string(key.path))) << key.path;
  }
}

TEST(Settings, AreNoSecrets) {
  LoadInput input = kBare;
  input.environment = [](std::string_view name) -> std::optional<std::string> {
    if (name == "ADMIN_PASSWORD" || name == "JWT_SECRET" || name == "SERVICE_TOKEN") return "canary-9Zt4";
    return std::nullopt;
  };
  const Config config = config_of("", input);
  ASSERT_EQ(config.admin.password, "canary-9Zt4");
  EXPECT_EQ(to_yaml(settings_of(config)).find("canary"), std::string::npos);
}

TEST(Settings, LookLikeAFileThatAPersonWrites) {
  const auto settings =
      settings_of(config_of("gateway: {routes: [{name: a, match: {path: /a/**}}, "
                            "{name: b, match: {path: /b, hosts: [x.org]}, upstream: "
                            "['http://127.0.0.1:1', 'http://127.0.0.1:2'], limits: [{name: "
                            "l, refillRate: 1, maxBurst: 2, scope: [key, route]}]}]}"));
  EXPECT_THAT(to_yaml(settings), testing::HasSubstr(R"(  routes:
    - name: a
      match:
        path: "/a/**"
      auth: api_key
      upstream: ["http://127.0.0.1:3001"]
      cost: 1
    - name: b
      match:
        path: /b
        hosts: [x.org]
      auth: api_key
      upstream: ["http://127.0.0.1:1", "http://127.0.0.1:2"]
      cost: 1
      limits:
        - name: l
          refillRate: 1
          maxBurst: 2
          tokensPerWindow: 2
          scope: [route, key]
          mode: enforce
)"));
}

TEST(Settings, ThatDifferAreNamedWithWhatTheyWere) {
  const auto before = settings_of(config_of("{logLevel: info, gateway: {upstream: 'http://127.0.0.1:9'}}"));
  const auto after = settings_of(config_of("{logLevel: debug, limiter: {adminUrl: 'http://127.0.0.1:8'}}"));
  std::vector<std::string> found;
  for (const SettingChange& change : changes_between(before, after)) {
    found.push_back(change.path + " " + change.from.value_or("-") + " " + change.to.value_or("-"));
  }
  EXPECT_THAT(found, testing::ElementsAre(
                         "logLevel info debug",
                         R"(gateway.routes[0].upstream ["http://127.0.0.1:9"] ["http://127.0.0.1:3001"])",
                         R"(limiter.adminUrl - "http://127.0.0.1:8")", R"(gateway.upstream "http://127.0.0.1:9" -)"));
  EXPECT_TRUE(changes_between(before, before).empty());
}

}  // namespace
}  // namespace tollgate::config
