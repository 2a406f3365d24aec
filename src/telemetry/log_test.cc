#include "telemetry/log.h"

#include <gtest/gtest.h>

#include "base/str.h"
#include "codec/json/parse.h"
#include "telemetry/log_line.h"

namespace tollgate::telemetry {
namespace {

const WallTime kTime = *parse_rfc3339("2026-09-21T14:13:20.123Z");

std::string json_line(std::initializer_list<LogField> fields) {
  return format_json_line({kTime, Level::warn, "gateway", "something happened", {fields.begin(), fields.size()}});
}

TEST(LogLine, IsOneJsonObjectWithTheFieldsInOrder) {
  EXPECT_EQ(json_line({{"port", std::int64_t{-1}}, {"url", "http://x"}, {"ratio", 0.5}, {"up", true}}),
            R"({"time":"2026-09-21T14:13:20.123Z","level":"warn","service":"gateway","event":"something happened",)"
            R"("port":-1,"url":"http://x","ratio":0.5,"up":true})");
}

TEST(LogLine, StaysOneLineOfValidJsonWhateverTheValueHolds) {
  const std::string hostile("a\r\n\"level\":\"error\"\x1b[2J\xe2\x80\xa8\xff\0z", 28);
  const std::string line = json_line({{"value", hostile}});
  EXPECT_EQ(line.find_first_of("\r\n\x1b"), std::string::npos);
  EXPECT_EQ(line.find("\xe2\x80\xa8"), std::string::npos);
  const auto parsed = codec::parse_json(line);
  ASSERT_TRUE(parsed) << line;
  EXPECT_EQ(*parsed->find("level")->get_if<std::string>(), "warn");
}

TEST(LogLine, CutsLongValuesBetweenCharacters) {
  std::string text(kMaxLogValueBytes - 1, 'x');
  text += "é and more";
  const std::string expected = std::string(kMaxLogValueBytes - 1, 'x') + "…";
  const auto parsed = codec::parse_json(json_line({{"value", text}}));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed->find("value")->get_if<std::string>(), expected);
}

TEST(LogLine, PrettyFormQuotesWhatCouldBeTakenForStructure) {
  const std::initializer_list<LogField> fields = {
      {"a", "plain"}, {"b", "two words\n"}, {"c", ""}, {"n", std::uint64_t{7}}};
  EXPECT_EQ(format_pretty_line({kTime, Level::info, "admin", "ready", {fields.begin(), fields.size()}}),
            "14:13:20.123 INFO  admin      ready  a=plain  b=\"two words\\n\"  c=\"\"  n=7");
}

TEST(Log, WritesOnlyTheChosenLevelsToStderr) {
  configure_log(Level::warn, false);
  testing::internal::CaptureStderr();
  log(Level::info, "gateway", "quiet");
  log(Level::warn, "gateway", "loud {} %s");
  log_error("gateway", "broken", Error(codes::config_invalid, "in a.yaml", {{"/x", "is wrong"}, {"/y", "too"}}));
  const std::string written = testing::internal::GetCapturedStderr();
  configure_log(Level::info, false);
  EXPECT_EQ(written.find("quiet"), std::string::npos);
  EXPECT_NE(written.find(R"("event":"loud {} %s"})"
                         "\n"),
            std::string::npos)
      << written;
  EXPECT_NE(written.find(R"("code":"config_invalid","detail":"in a.yaml","faults":"/x: is wrong; /y: too"})"),
            std::string::npos);
}

TEST(Log, KnowsFourLevelsAndNoOtherWord) {
  EXPECT_EQ(parse_level("debug"), Level::debug);
  EXPECT_EQ(parse_level("error"), Level::error);
  EXPECT_EQ(parse_level("INFO"), std::nullopt);
  EXPECT_EQ(parse_level(""), std::nullopt);
}

}  // namespace
}  // namespace tollgate::telemetry
