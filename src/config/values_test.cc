#include "config/values.h"

#include <gtest/gtest.h>

#include "base/ip.h"

namespace tollgate::config {
namespace {

using namespace std::chrono_literals;

TEST(Durations, NeedAUnitAndStayInTheirRange) {
  const DurationBetween parse{0ms, 24h};
  EXPECT_EQ(parse("500ms"), 500ms);
  EXPECT_EQ(parse("10s"), 10s);
  EXPECT_EQ(parse("2m"), 2min);
  EXPECT_EQ(parse("24h"), 24h);
  EXPECT_EQ(parse("1d"), 24h);
  EXPECT_EQ(parse("0"), 0ms);
  for (const std::string_view text : {"", "10", "s", "-1s", "1.5s", "10 s", "10S", "25h", "86400001ms", "2d", "1s1",
                                      "18446744073709551615h", "99999999999999999999s"}) {
    EXPECT_FALSE(parse(text)) << text;
  }
  EXPECT_EQ((DurationBetween{1ms, 90s}("0s").error()), "is \"0s\"; it must be 1ms to 90s");
}

TEST(Sizes, AreBytesOrBinaryUnits) {
  const SizeBetween parse{1, 1ull << 50};
  EXPECT_EQ(parse("1"), 1u);
  EXPECT_EQ(parse("100B"), 100u);
  EXPECT_EQ(parse("512KiB"), 512u << 10);
  EXPECT_EQ(parse("64MiB"), 64u << 20);
  EXPECT_EQ(parse("1GiB"), 1u << 30);
  EXPECT_EQ(parse("1024TiB"), 1ull << 50);
  for (const std::string_view text : {"", "0", "64MB", "64 MiB", "-1", "1.5GiB", "1025TiB", "99999999999TiB", "0x10"}) {
    EXPECT_FALSE(parse(text)) << text;
  }
}

TEST(Rates, AreExactToTheMicroToken) {
  EXPECT_EQ(parse_rate("10"), 10'000'000u);
  EXPECT_EQ(parse_rate("0.1"), 100'000u);
  EXPECT_EQ(parse_rate("0.000001"), 1u);
  EXPECT_EQ(parse_rate("33.333333"), 33'333'333u);
  EXPECT_EQ(parse_rate("1000000000"), 1'000'000'000'000'000u);
  for (const std::string_view text : {"", "0", "0.0", "-1", "+1", "1e3", ".5", "5.", "0.0000001", "1000000000.000001",
                                      "1.2.3", "1,5", "nan", "inf", " 1", "1.-5", "18446744073709551616"}) {
    EXPECT_FALSE(parse_rate(text)) << text;
  }
}

TEST(Networks, AreCanonical) {
  EXPECT_EQ(parse_network("10.0.0.0/8")->prefix, 104);
  EXPECT_EQ(parse_network("0.0.0.0/0")->prefix, 96);
  EXPECT_EQ(parse_network("192.0.2.1")->prefix, 128);
  EXPECT_EQ(parse_network("192.0.2.1")->address, IpAddress::parse("192.0.2.1")->bytes);
  EXPECT_EQ(parse_network("2001:db8::/33")->prefix, 33);
  EXPECT_EQ(parse_network("::/0")->prefix, 0);
  EXPECT_EQ(parse_network("10.1.2.3/8").error(),
            "is \"10.1.2.3/8\"; bits behind the prefix are set; the network is 10.0.0.0/8");
  EXPECT_EQ(parse_network("2001:db8::1/32").error(),
            "is \"2001:db8::1/32\"; bits behind the prefix are set; the network is 2001:db8::/32");
  for (const std::string_view text :
       {"", "/", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/8/8", "a/8", "10.0.0.0/-1", "[::]/0"}) {
    EXPECT_FALSE(parse_network(text)) << text;
  }
}

TEST(Upstreams, AreHttpHostAndPortAlone) {
  EXPECT_EQ(parse_http_address("http://127.0.0.1:9000"), (core::UpstreamAddress{"127.0.0.1", 9000}));
  EXPECT_EQ(parse_http_address("http://Orders.Example.com/"), (core::UpstreamAddress{"orders.example.com", 80}));
  EXPECT_EQ(parse_http_address("http://[2001:db8::1]:81"), (core::UpstreamAddress{"2001:db8::1", 81}));
  EXPECT_EQ(parse_http_url("http://[::1]"), "http://[::1]:80");
  EXPECT_EQ(parse_http_url("http://my_service:3002/"), "http://my_service:3002");
  for (const std::string_view text : {"",
                                      "127.0.0.1:9000",
                                      "https://a",
                                      "ftp://a",
                                      "http://",
                                      "http:///",
                                      "http://a/b",
                                      "http://a?b",
                                      "http://a#b",
                                      "http://u@a",
                                      "http://u:p@a",
                                      "http://a:",
                                      "http://a:0",
                                      "http://a:65536",
                                      "http://a:80:80",
                                      "http://a b",
                                      "http://[::1",
                                      "http://::1",
                                      "http://[::1]80",
                                      "http://[::1]:",
                                      "http://[1::2::3]",
                                      "http://127.1",
                                      "http://0177.0.0.1",
                                      "http://2130706433",
                                      "http://0x7f000001",
                                      "http://*.a",
                                      "http://a\r\nb",
                                      "HTTP://a",
                                      "http://a//"}) {
    EXPECT_FALSE(parse_http_address(text)) << text;
  }
}

TEST(ListenAddresses, AreAddressesNotNames) {
  EXPECT_EQ(parse_listen_address("0.0.0.0"), "0.0.0.0");
  EXPECT_EQ(parse_listen_address("0:0::1"), "::1");
  using namespace std::string_view_literals;
  for (const std::string_view text : {""sv, "localhost"sv, "[::1]"sv, "127.0.0.1:80"sv, "1.2.3"sv, "127.0.0.1\0x"sv}) {
    EXPECT_FALSE(parse_listen_address(text)) << text;
  }
}

TEST(Names, AreOneToFortyPlainCharacters) {
  EXPECT_TRUE(parse_name("per-route_2"));
  EXPECT_TRUE(parse_name(std::string(40, 'a')));
  for (const std::string& text : {std::string(), std::string(41, 'a'), std::string("A"), std::string("a b"),
                                  std::string("a.b"), std::string("\xc3\xa9")}) {
    EXPECT_FALSE(parse_name(text)) << text;
  }
}

}  // namespace
}  // namespace tollgate::config
