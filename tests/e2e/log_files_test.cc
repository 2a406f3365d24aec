// `tollgate log`: what was recorded, read from files alone.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/str.h"
#include "tests/support/tollgate_process.h"

namespace tollgate::testing {
namespace {

constexpr int kRequests = 25;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::string only_file(const std::string& directory, const std::string& ending) {
  std::string found;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().string().ends_with(ending)) found = entry.path().string();
  }
  return found;
}

class LogFiles : public ::testing::Test {
 protected:
  LogFiles() {
    TollgateProcess tollgate({.data_dir = data_});
    key_ = tollgate.create_key(R"({"name":"counted","tier":"pro","consumer":"acme"})");
    for (int i = 0; i < kRequests; ++i) EXPECT_EQ(tollgate.use(key_.text).status, 200);
    EXPECT_EQ(tollgate.stop(), 0);
  }

  const TempDir dir_;
  const std::string data_ = dir_.file("data");
  CreatedKey key_;
};

TEST_F(LogFiles, HaveEveryRequestByName) {
  ChildProcess cat(tollgate({"log", "cat", data_ + "/requests"}));
  EXPECT_EQ(cat.wait(), 0) << cat.err();
  int ours = 0;
  for (const std::string& line : lines_of(cat.out())) {
    const Json request(line);
    if (line.find(key_.id) == std::string::npos) continue;
    EXPECT_EQ(request["route"].text(), "default");
    EXPECT_EQ(request["tier"].text(), "pro");
    EXPECT_EQ(request["consumer"].text(), "acme");
    EXPECT_EQ(request["status"].uint(), 200u);
    ++ours;
  }
  EXPECT_EQ(ours, kRequests);
}

TEST_F(LogFiles, OfGatewayAndAnalyticsAreWholeAndCounted) {
  ChildProcess verify(tollgate({"log", "verify", data_}));
  EXPECT_EQ(verify.wait(), 0) << verify.out() << verify.err();
  EXPECT_NE(verify.out().find("2 files, "), std::string::npos) << verify.out();
  EXPECT_NE(verify.out().find("nothing damaged"), std::string::npos) << verify.out();
  ChildProcess stats(tollgate({"log", "stats", data_}));
  EXPECT_EQ(stats.wait(), 0);
  const auto lines = lines_of(stats.out());
  ASSERT_EQ(lines.size(), 4u) << stats.out();  // head, segment, requests, all
  EXPECT_TRUE(lines[1].starts_with("segment ")) << lines[1];
  EXPECT_TRUE(lines[2].starts_with("open ")) << lines[2];
  EXPECT_TRUE(lines[3].starts_with("all ")) << lines[3];
}

TEST_F(LogFiles, ThatAreDamagedAreNamedWithThePlace) {
  const std::string path = only_file(data_ + "/requests", ".tgo");
  ASSERT_FALSE(path.empty());
  std::string bytes = read_file(path).value();
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  bytes[3] = 'x';
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  ChildProcess verify(tollgate({"log", "verify", data_}));
  EXPECT_EQ(verify.wait(), 1);
  EXPECT_NE(verify.out().find(path + ": byte 0, 16 bytes: "), std::string::npos) << verify.out();
  EXPECT_NE(verify.out().find("damaged place"), std::string::npos) << verify.out();
}

TEST(LogCommand, SaysWhereThereIsNothing) {
  const TempDir dir;
  for (const char* what : {"verify", "cat", "stats"}) {
    ChildProcess log(tollgate({"log", what, dir.path()}));
    EXPECT_EQ(log.wait(), 1) << what;
    EXPECT_NE(log.err().find(str::cat("there are no files of the log in ", dir.path())), std::string::npos)
        << log.err();
  }
}

TEST(LogCommand, HelpBeginsWithExamplesOfItsOwn) {
  ChildProcess help(tollgate({"log", "--help"}));
  EXPECT_EQ(help.wait(), 0);
  EXPECT_TRUE(help.out().starts_with("Examples:\n  tollgate log verify")) << help.out();
  ChildProcess own(tollgate({"log", "verify", "--help"}));
  EXPECT_EQ(own.wait(), 0);
  EXPECT_FALSE(own.out().starts_with("Examples:")) << own.out();
}

}  // namespace
}  // namespace tollgate::testing
