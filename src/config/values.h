// The texts that single settings may have, and what they mean. The same parsers serve the file, the environment and
// flags.
//
// A parser takes the text and returns the value, or what is wrong with it as the end of a sentence that begins with the
// setting's name. None of them accepts control characters.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "config/config.h"

namespace tollgate::config {

template <class T>
using Parsed = std::expected<T, std::string>;

// "500ms", "10s", "2m", "1h", "7d"; a bare 0 needs no unit.
struct DurationBetween {
  Millis min;
  Millis max;
  Parsed<Millis> operator()(std::string_view text) const;
};

// In the largest unit that makes it a whole number.
std::string duration_text(Millis duration);

// In the largest unit that makes it a whole number.
std::string size_text(std::uint64_t bytes);

// "64MiB", "512KiB", "1GiB", "2TiB", "100B", or bytes without a unit.
struct SizeBetween {
  std::uint64_t min;
  std::uint64_t max;
  Parsed<std::uint64_t> operator()(std::string_view text) const;
};

struct WholeBetween {
  std::uint64_t min;
  std::uint64_t max;
  Parsed<std::uint64_t> operator()(std::string_view text) const;
};

inline constexpr WholeBetween kPort{0, 65'535};
inline constexpr WholeBetween kTokens{1, 1'000'000'000'000};
// Each worker is a thread that reads snapshots; base/rcu.h has room for 256 of those in a process.
inline constexpr WholeBetween kWorkers{0, 128};

// Printable ASCII without spaces.
struct WordUpTo {
  std::size_t max_bytes;
  Parsed<std::string> operator()(std::string_view text) const;
};

// "is "x", which is not one of a, b", with the nearest word.
std::string not_one_of(std::string_view text, const std::vector<std::string_view>& words);

// One of a fixed set of words, each standing for a value.
template <class T>
struct Choice {
  std::vector<std::pair<std::string_view, T>> options;

  Parsed<T> operator()(std::string_view text) const {
    std::vector<std::string_view> words;
    for (const auto& [word, value] : options) {
      if (word == text) return value;
      words.push_back(word);
    }
    return std::unexpected(not_one_of(text, words));
  }
};

// Tokens per second with at most six decimals, as micro-tokens: 10⁻⁶ … 10⁹.
Parsed<std::uint64_t> parse_rate(std::string_view text);
Parsed<bool> parse_bool(std::string_view text);
// A name of a route or a limit: 1 … 40 of [a-z0-9_-].
Parsed<std::string> parse_name(std::string_view text);
// Not empty, any printable text.
Parsed<std::string> parse_path(std::string_view text);
Parsed<std::string> parse_log_level(std::string_view text);
// An IPv4 or IPv6 address without port or brackets, in canonical form.
Parsed<std::string> parse_listen_address(std::string_view text);
// "10.0.0.0/8", "2001:db8::/32", or an address; bits behind the prefix must be zero.
Parsed<Network> parse_network(std::string_view text);
// http://host[:port], with at most a "/" behind it.
Parsed<core::UpstreamAddress> parse_http_address(std::string_view text);
// The same, as a text in one form: "http://host:port".
Parsed<std::string> parse_http_url(std::string_view text);
// https://host[:port], as a browser writes an origin: "https://host", with a port only where it is not 443.
Parsed<std::string> parse_https_origin(std::string_view text);
std::string to_url(const core::UpstreamAddress& address);

}  // namespace tollgate::config
