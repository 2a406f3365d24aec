#include "codec/json/object_reader.h"

#include <gtest/gtest.h>

#include "codec/json/parse.h"

namespace tollgate::codec {
namespace {

enum class Colour : std::uint8_t { red, green };
constexpr JsonWord<Colour> kColours[] = {{"red", Colour::red}, {"green", Colour::green}};

JsonValue document(std::string_view text) {
  return parse_json(text).value();
}

std::vector<FieldError> faults(JsonObjectReader& in) {
  const auto done = in.finish();
  if (done) return {};
  EXPECT_TRUE(done.error().is(codes::invalid_document));
  return done.error().fields();
}

TEST(JsonObjectReader, ReadsEachType) {
  const JsonValue doc = document(R"({"s":"text","u":42,"d":1,"n":-1.5,"b":true,"t":"2026-09-21T14:13:20Z","w":"green",
                                     "list":["a","b"],"inner":{"x":1},"items":[{"y":2},{"y":3}],"any":[1]})");
  JsonObjectReader in(doc);
  EXPECT_EQ(in.required_string("s", {.max = 10}), "text");
  EXPECT_EQ(in.required_uint("u", {}), 42u);
  EXPECT_EQ(in.required_double("d", {}), 1.0);
  EXPECT_EQ(in.optional_double("n", {}), -1.5);
  EXPECT_TRUE(in.required_bool("b"));
  EXPECT_EQ(in.required_time("t"), WallTime(Seconds(1'790'000'000)));
  EXPECT_EQ(in.required_word<Colour>("w", kColours), Colour::green);
  EXPECT_EQ(in.optional_strings("list", 5, {.max = 5}), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(in.optional_object("inner")->required_uint("x", {}), 1u);
  std::uint64_t sum = 0;
  for (JsonObjectReader* item : in.optional_objects("items", 5)) sum += item->required_uint("y", {});
  EXPECT_EQ(sum, 5u);
  EXPECT_NE(in.any("any"), nullptr);
  EXPECT_TRUE(in.finish().has_value());
}

TEST(JsonObjectReader, ReportsEveryFaultWithItsPointer) {
  const JsonValue doc = document(
      R"({"s":7,"u":-1,"f":1.0,"b":"yes","t":"yesterday","w":"blue","l":[1],"o":[],"i":{"x":"1"},"long":"abcd"})");
  JsonObjectReader in(doc);
  in.required_string("s", {});
  in.required_uint("u", {.min = 1, .max = 5});
  in.optional_uint("f", {});
  in.optional_bool("b");
  in.optional_time("t");
  in.optional_word<Colour>("w", kColours);
  in.optional_strings("l", 5, {});
  in.optional_object("o");
  in.optional_object("i")->required_uint("x", {});
  in.optional_string("long", {.max = 3});
  in.required_bool("missing");
  const std::vector<FieldError> expected = {
      {"/s", "must be a string, not a number"},
      {"/u", "must be a whole number from 1 to 5"},
      {"/f", "must be a whole number, at least 0"},
      {"/b", "must be true or false, not a string"},
      {"/t", "must be an RFC 3339 time such as 2026-09-21T14:13:20Z"},
      {"/w", "must be one of red, green"},
      {"/l/0", "must be a string of 0 to 1024 bytes"},
      {"/o", "must be an object, not an array"},
      {"/i/x", "must be a whole number, at least 0"},
      {"/long", "must be at most 3 bytes long"},
      {"/missing", "is required"},
  };
  EXPECT_EQ(faults(in), expected);
}

TEST(JsonObjectReader, UnknownMembersAreFaultsThatNameTheNearestKnownOne) {
  const JsonValue doc = document(R"({"maxBrust":1,"zzzzzzzz":1,"in":{"a":1,"b/c":2}})");
  JsonObjectReader in(doc);
  in.optional_uint("maxBurst", {});
  in.optional_object("in")->optional_uint("a", {});
  const std::vector<FieldError> expected = {{"/maxBrust", "is not known here; did you mean \"maxBurst\"?"},
                                            {"/zzzzzzzz", "is not known here"},
                                            {"/in/b~1c", "is not known here; did you mean \"a\"?"}};
  const auto found = faults(in);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0], expected[0]);
  EXPECT_EQ(found[1], expected[1]);
  EXPECT_EQ(found[2].pointer, expected[2].pointer);
}

TEST(JsonObjectReader, UnknownMembersAreReportedUpToABound) {
  std::string text = "{\"a\":1";
  for (int i = 0; i < 5'000; ++i) text += ",\"unknown" + std::to_string(i) + "\":0";
  const JsonValue doc = document(text + "}");
  JsonObjectReader in(doc);
  in.required_uint("a", {});
  EXPECT_LE(faults(in).size(), 50u);
}

TEST(JsonObjectReader, NullMeansAbsentButCanBeToldApart) {
  const JsonValue doc = document(R"({"a":null,"b":null})");
  JsonObjectReader in(doc);
  EXPECT_EQ(in.optional_uint("a", {}), std::nullopt);
  EXPECT_TRUE(in.is_null("a"));
  EXPECT_FALSE(in.is_null("c"));
  EXPECT_FALSE(in.has("a"));
  in.required_uint("b", {});
  EXPECT_EQ(faults(in), (std::vector<FieldError>{{"/b", "must not be null"}}));
}

TEST(JsonObjectReader, SomethingElseThanAnObjectIsOneFault) {
  const JsonValue doc = document("[1]");
  JsonObjectReader in(doc);
  in.required_uint("a", {});
  EXPECT_EQ(faults(in), (std::vector<FieldError>{{"", "must be an object, not an array"}}));
}

TEST(JsonObjectReader, SaysTheFirstFaultsInTheErrorsDetail) {
  const auto document = parse_json(R"({"a":1,"b":2,"c":3,"d":4})");
  ASSERT_TRUE(document);
  JsonObjectReader in(*document);
  const auto done = in.finish();
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().detail().starts_with("/a: ")) << done.error().detail();
  EXPECT_TRUE(done.error().detail().ends_with("; and 1 more")) << done.error().detail();
  EXPECT_EQ(done.error().fields().size(), 4u);
}

}  // namespace
}  // namespace tollgate::codec
