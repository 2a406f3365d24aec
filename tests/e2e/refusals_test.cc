// A start that cannot be right ends at once, with one message that says what is wrong and what to do.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>

#include "tests/support/tollgate_process.h"

namespace tollgate::testing {
namespace {

struct Refusal {
  int exit_code;
  std::string message;
};

Refusal refusal_of(std::vector<std::string> arguments, Environment env = {}) {
  ChildProcess process(tollgate(std::move(arguments), std::move(env)));
  const int exit_code = process.wait();
  EXPECT_EQ(process.out(), "");
  return {.exit_code = exit_code, .message = process.err()};
}

void expect_refused(const Refusal& refusal, const std::vector<std::string>& words) {
  EXPECT_EQ(refusal.exit_code, 1) << refusal.message;
  EXPECT_EQ(std::ranges::count(refusal.message, '\n'), 1) << refusal.message;
  EXPECT_TRUE(refusal.message.starts_with("tollgate: ")) << refusal.message;
  for (const std::string& word : words) {
    EXPECT_NE(refusal.message.find(word), std::string::npos) << "no \"" << word << "\" in: " << refusal.message;
  }
}

void write(const std::string& path, const std::string& content, unsigned mode = 0600) {
  ASSERT_TRUE(write_file_atomic(path, content, mode));
}

class StartUp : public ::testing::Test {
 protected:
  std::vector<std::string> up(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"up", "--base-port", "0", "--data-dir", data_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  // A data directory that has been used, of a process that has ended.
  void make_used_directory() const {
    TollgateProcess tollgate({.data_dir = data_});
    const CreatedKey key = tollgate.create_key(R"({"name":"a","tier":"free"})");
    EXPECT_EQ(tollgate.use(key.text).status, 200);
    ASSERT_EQ(tollgate.stop(), 0);
  }

  const TempDir dir_;
  const std::string data_ = dir_.file("data");
};

TEST_F(StartUp, RefusesAPortThatIsTaken) {
  const UniqueFd taken(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  socklen_t size = sizeof(address);
  ASSERT_EQ(::bind(taken.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(taken.get(), 1), 0);
  ASSERT_EQ(::getsockname(taken.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::string port = std::to_string(ntohs(address.sin_port));
  expect_refused(refusal_of({"backend", "--port", port, "--data-dir", data_}),
                 {"backend", port, "is taken", "choose another port"});
}

TEST_F(StartUp, RefusesADataDirectoryThatCannotBeMade) {
  write(dir_.file("file"), "");
  const std::string below = dir_.file("file") + "/data";
  expect_refused(refusal_of({"up", "--base-port", "0", "--data-dir", below}), {below, "--data-dir"});
}

TEST_F(StartUp, RefusesADataDirectoryInUseAndNamesTheProcess) {
  TollgateProcess tollgate({.data_dir = data_});
  expect_refused(refusal_of(up()),
                 {data_, "in use by process " + std::to_string(tollgate.process().pid()), "--data-dir"});
  EXPECT_EQ(tollgate.call("gateway", {.target = "/readyz"}).status, 200);
  EXPECT_TRUE(read_file(data_ + "/endpoints.json"));
}

TEST_F(StartUp, RefusesDatabasesThatAreDamagedAndLeavesThemAlone) {
  make_used_directory();
  for (const std::string name : {"admin.db", "usage.db"}) {
    const std::string path = data_ + "/" + name;
    const std::string whole = read_file(path, 1u << 30).value_or("");
    ASSERT_GT(whole.size(), 3 * 4096u) << name;
    std::string no_header = whole;
    no_header.replace(0, 100, 100, 'x');
    std::string holes = whole;
    for (std::size_t at = 4096; at + 4096 <= holes.size(); at += 4096) holes.replace(at, 2048, 2048, '\xa5');
    for (const std::string& damaged : {no_header, holes}) {
      write(path, damaged);
      expect_refused(refusal_of(up()), {path, "damaged", "backup"});
      // The first page counts who opened the file; beyond it nothing may change.
      EXPECT_TRUE(read_file(path, 1u << 30).value_or("").substr(4096) == damaged.substr(4096)) << name;
    }
    write(path, whole);
  }
  TollgateProcess tollgate({.data_dir = data_});
  EXPECT_EQ(tollgate.stop(), 0);
}

TEST_F(StartUp, RefusesAWeakPasswordBeyondLoopback) {
  expect_refused(refusal_of(up({"--listen", "0.0.0.0", "--insecure-admin"}), {{"ADMIN_PASSWORD", "admin123"}}),
                 {"ADMIN_PASSWORD", "stronger"});
}

TEST_F(StartUp, RefusesAnAdminThatAnybodyCouldListenTo) {
  expect_refused(refusal_of(up({"--listen", "0.0.0.0"}), {{"ADMIN_PASSWORD", "9wX-enough-entropy-here"}}),
                 {"0.0.0.0", "--insecure-admin", "127.0.0.1"});
}

TEST_F(StartUp, RefusesAWeakSecretWithoutShowingIt) {
  for (const std::string weak : {"changeme", "short", "secret", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    const Refusal refusal = refusal_of(up(), {{"JWT_SECRET", weak}});
    expect_refused(refusal, {"JWT_SECRET"});
    EXPECT_EQ(refusal.message.find(": " + weak), std::string::npos) << refusal.message;
  }
  expect_refused(refusal_of(up(), {{"SERVICE_TOKEN", "12345"}}), {"SERVICE_TOKEN"});
}

TEST_F(StartUp, RefusesASecretThatOthersCanRead) {
  make_used_directory();
  for (const std::string name : {"jwt-secret", "service-token", "admin-password"}) {
    const std::string path = data_ + "/" + name;
    ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
    expect_refused(refusal_of(up()), {path, "chmod 600"});
    ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  }
}

TEST_F(StartUp, RefusesAConfigurationWithMistakesAndSaysWhere) {
  const std::string config = dir_.file("tollgate.yaml");
  write(config, "gateway:\n  routs:\n    - name: a\n");
  expect_refused(refusal_of(up({"--config", config})), {config + ":2:3", "routs", "did you mean \"routes\""});
  const std::string missing = dir_.file("nothing.yaml");
  expect_refused(refusal_of(up({"--config", missing})), {"--config", missing});
}

TEST_F(StartUp, RefusesWhatItDoesNotKnow) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"up", "--base-prot", "0"},
                                                    {"upp"},
                                                    {},
                                                    {"up", "--base-port", "x"},
                                                    {"check-config"}}) {
    const Refusal refusal = refusal_of(arguments);
    EXPECT_EQ(refusal.exit_code, 2) << refusal.message;
    EXPECT_NE(refusal.message.find("--help"), std::string::npos) << refusal.message;
  }
}

TEST_F(StartUp, NeedsNoUpstreamThatAnswersYet) {
  TollgateProcess tollgate(
      {.arguments = {"up", "--base-port", "0", "--upstream", "http://127.0.0.1:1"}, .data_dir = data_});
  const CreatedKey key = tollgate.create_key(R"({"name":"a","tier":"free"})");
  const HttpReply reply = tollgate.use(key.text);
  EXPECT_EQ(reply.status, 502);
  EXPECT_EQ(reply.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(Json(reply.body)["status"].uint(), 502u);
}

}  // namespace
}  // namespace tollgate::testing
