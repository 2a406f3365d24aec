// What a first start makes and shows, and that its secrets stay where they belong.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/tollgate_process.h"

namespace tollgate::testing {
namespace {

namespace fs = std::filesystem;

mode_t mode_of(const std::string& path) {
  struct stat info{};
  EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 07777;
}

std::string secret_in(const std::string& path) {
  const std::string content = read_file(path).value_or("");
  return content.substr(0, content.find('\n'));
}

// Names and contents of all files below the directory, but of those that hold secrets by design.
std::map<std::string, std::string> other_files(const std::string& data_dir) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(data_dir)) {
    const std::string name = entry.path().filename();
    if (!entry.is_regular_file() || name == "admin-password" || name == "jwt-secret" || name == "service-token")
      continue;
    auto content = read_file(entry.path().string(), 1u << 30);
    EXPECT_TRUE(content) << name;
    files[name] = std::move(content).value_or("");
  }
  return files;
}

TEST(FirstStart, ShowsTheAdminPasswordOnceAndItWorks) {
  const TempDir dir;
  const std::string data = dir.file("data");
  std::string password;
  {
    TollgateProcess first({.data_dir = data});
    password = secret_in(data + "/admin-password");
    EXPECT_GE(password.size(), 20u);
    EXPECT_NE(first.process().out().find(password), std::string::npos);
    EXPECT_EQ(first.process().err().find(password), std::string::npos);
    EXPECT_NO_THROW(first.token());
    EXPECT_EQ(first.stop(), 0);
  }
  TollgateProcess second({.data_dir = data});
  EXPECT_EQ(second.process().out().find(password), std::string::npos);
  EXPECT_EQ(secret_in(data + "/admin-password"), password);
  EXPECT_NO_THROW(second.token());
}

TEST(FirstStart, ShowsHowToGoOn) {
  const TempDir dir;
  TollgateProcess tollgate({.data_dir = dir.file("data")});
  const std::string out = tollgate.process().out();
  for (const char* service : {"gateway", "backend", "limiter", "analytics", "admin"}) {
    EXPECT_NE(out.find(tollgate.url(service)), std::string::npos) << service;
  }
  EXPECT_NE(out.find("curl"), std::string::npos);
  EXPECT_NE(out.find(dir.file("data")), std::string::npos);
}

TEST(FirstStart, WritesWhereEveryServiceAnswers) {
  const TempDir dir;
  TollgateProcess tollgate({.data_dir = dir.file("data")});
  const Json endpoints(read_file(dir.file("data") + "/endpoints.json").value_or(""));
  for (const char* service : {"gateway", "backend", "limiter", "analytics", "admin"}) {
    EXPECT_EQ(endpoints[service].text(), tollgate.url(service));
    const HttpReply ready = tollgate.call(service, {.target = "/readyz"});
    EXPECT_EQ(ready.status, 200) << service << ready.body;
  }
}

TEST(FirstStart, KeepsEveryFileOfTheDataDirectoryFromOthers) {
  const TempDir dir;
  const std::string data = dir.file("data");
  const TollgateProcess tollgate({.data_dir = data});
  EXPECT_EQ(mode_of(data), 0700u);
  for (const char* name : {"admin-password", "jwt-secret", "service-token", "admin.db", "usage.db"}) {
    EXPECT_EQ(mode_of(data + "/" + name), 0600u) << name;
  }
}

TEST(FirstStart, NoSecretLeavesItsFile) {
  const TempDir dir;
  const std::string data = dir.file("data");
  TollgateProcess tollgate({.arguments = {"up", "--base-port", "0", "--log-level", "debug"}, .data_dir = data});
  const std::string password = tollgate.password();
  const CreatedKey key = tollgate.create_key(R"({"name":"canary","tier":"free"})");
  EXPECT_EQ(tollgate.use(key.text).status, 200);
  tollgate.call("gateway", {.target = "/api/data", .headers = {{"Authorization", "Bearer " + key.text}}});
  tollgate.get("admin", "/api/admin/keys/" + key.text);
  tollgate.get("analytics", "/api/analytics/api-keys/" + key.text);
  tollgate.get("limiter", "/api/limiter/buckets/" + key.text);
  tollgate.admin_call("admin", {.method = "DELETE", .target = "/api/admin/keys/" + key.text});
  tollgate.use(key.text);

  // The key's own part, as well as the whole: nobody but its owner has either.
  std::map<std::string, std::string> secrets{{"key", key.text.substr(key.text.size() - 20)},
                                             {"password", password},
                                             {"JWT secret", secret_in(data + "/jwt-secret")},
                                             {"service token", secret_in(data + "/service-token")},
                                             {"admin token", tollgate.token()}};
  std::map<std::string, std::string> outputs;
  for (const char* service : {"gateway", "backend", "limiter", "analytics", "admin"}) {
    outputs[std::string(service) + "/metrics"] = tollgate.call(service, {.target = "/metrics"}).body;
  }
  EXPECT_EQ(tollgate.stop(), 0);
  outputs["standard error"] = tollgate.process().err();
  std::string out = tollgate.process().out();
  const std::size_t shown = out.find(password);
  ASSERT_NE(shown, std::string::npos);
  outputs["standard output"] = out.replace(shown, password.size(), "");  // once is meant
  outputs.merge(other_files(data));
  EXPECT_GE(outputs.size(), 10u);

  for (const auto& [what, secret] : secrets) {
    ASSERT_GE(secret.size(), 16u) << what;
    for (const auto& [where, content] : outputs) {
      EXPECT_EQ(content.find(secret), std::string::npos) << "the " << what << " is in " << where;
    }
  }
}

}  // namespace
}  // namespace tollgate::testing
