#include "config/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/ip.h"
#include "base/str.h"
#include "config/problems.h"
#include "core/route/route_pattern.h"

namespace tollgate::config {
namespace {

std::unexpected<std::string> wrong(std::string_view text, std::string_view why) {
  return std::unexpected(str::cat("is ", quoted(text), "; ", why));
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// digits followed by one of the units; nothing on overflow.
template <std::size_t N>
std::optional<std::uint64_t> parse_with_unit(std::string_view text, const std::array<Unit, N>& units) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = str::parse_int<std::uint64_t>(text.substr(0, digits));
  const auto unit = std::ranges::find(units, text.substr(digits), &Unit::name);
  if (!number || unit == units.end() || *number > std::uint64_t{INT64_MAX} / unit->factor) return std::nullopt;
  return *number * unit->factor;
}

constexpr std::array<Unit, 5> kDurationUnits = {
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::array<Unit, 6> kSizeUnits = {
    {{"", 1}, {"B", 1}, {"KiB", 1ull << 10}, {"MiB", 1ull << 20}, {"GiB", 1ull << 30}, {"TiB", 1ull << 40}}};

template <std::size_t N>
std::string with_unit(std::uint64_t value, const std::array<Unit, N>& units) {
  if (value == 0) return "0";
  const auto largest =
      std::ranges::find_if(units.rbegin(), units.rend(), [&](const Unit& unit) { return value % unit.factor == 0; });
  return str::cat(value / largest->factor, largest->name);
}

// "host", "host:port" or "[v6]:port" → its two parts; the port is empty when absent.
struct Authority {
  std::string_view host;
  std::string_view port;
};

std::optional<Authority> split_authority(std::string_view text) {
  const std::size_t host_end = text.starts_with('[') ? text.find(']') : text.find(':');
  if (text.starts_with('[')) {
    if (host_end == std::string_view::npos) return std::nullopt;
    const std::string_view rest = text.substr(host_end + 1);
    if (!rest.empty() && (rest.front() != ':' || rest.size() == 1)) return std::nullopt;
    return Authority{text.substr(0, host_end + 1), rest.empty() ? rest : rest.substr(1)};
  }
  if (host_end == std::string_view::npos) return Authority{text, {}};
  if (host_end + 1 == text.size()) return std::nullopt;
  return Authority{text.substr(0, host_end), text.substr(host_end + 1)};
}

// A name or address as it is connected to: without brackets.
std::optional<std::string> parse_host(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), str::lower);
  const auto pattern = core::parse_host_pattern(lower);
  if (!pattern || pattern->kind != core::HostKind::exact) return std::nullopt;
  if (lower.front() == '[') {
    lower = lower.substr(1, lower.size() - 2);
    return IpAddress::parse(lower) ? std::optional(lower) : std::nullopt;
  }
  // Digits and dots alone must be an address: "127.1" and "0177.0.0.1" mean different machines to different resolvers.
  const bool numeric = lower.find_first_not_of("0123456789.") == std::string::npos || lower.starts_with("0x");
  if (numeric && !IpAddress::parse(lower)) return std::nullopt;
  return lower;
}

}  // namespace

std::string duration_text(Millis duration) {
  return with_unit(static_cast<std::uint64_t>(duration.count()), kDurationUnits);
}

std::string size_text(std::uint64_t bytes) {
  return with_unit(bytes, kSizeUnits);
}

Parsed<Millis> DurationBetween::operator()(std::string_view text) const {
  const auto value = text == "0" ? std::optional<std::uint64_t>(0) : parse_with_unit(text, kDurationUnits);
  if (!value) return wrong(text, "a duration is a whole number and a unit, such as 500ms, 10s, 2m, 1h or 7d");
  const Millis duration(static_cast<std::int64_t>(*value));
  if (duration < min || duration > max) {
    return wrong(text, str::cat("it must be ", duration_text(min), " to ", duration_text(max)));
  }
  return duration;
}

Parsed<std::uint64_t> SizeBetween::operator()(std::string_view text) const {
  const auto value = parse_with_unit(text, kSizeUnits);
  if (!value) return wrong(text, "a size is a whole number and a unit: B, KiB, MiB, GiB or TiB, such as 64MiB");
  if (*value < min || *value > max) {
    return wrong(text, str::cat("it must be ", size_text(min), " to ", size_text(max)));
  }
  return *value;
}

Parsed<std::uint64_t> WholeBetween::operator()(std::string_view text) const {
  const auto value = str::parse_int<std::uint64_t>(text);
  if (!value || *value < min || *value > max)
    return wrong(text, str::cat("it must be a whole number, ", min, " to ", max));
  return *value;
}

Parsed<std::string> WordUpTo::operator()(std::string_view text) const {
  const bool printable = std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
  if (text.empty() || text.size() > max_bytes || !printable) {
    return std::unexpected(str::cat("must be 1 to ", max_bytes, " printable ASCII characters without spaces"));
  }
  return std::string(text);
}

std::string not_one_of(std::string_view text, const std::vector<std::string_view>& words) {
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i) str::append(list, i == 0 ? "" : ", ", words[i]);
  std::string what = str::cat("is ", quoted(text), "; it must be one of ", list);
  constexpr std::size_t kMaxComparedBytes = 60;
  if (text.size() > kMaxComparedBytes) return what;
  if (const auto near = str::nearest(text, words)) str::append(what, "; did you mean \"", *near, "\"?");
  return what;
}

Parsed<std::uint64_t> parse_rate(std::string_view text) {
  constexpr std::size_t kDecimals = 6;
  constexpr std::uint64_t kMaxMicro = 1'000'000'000'000'000;
  constexpr std::string_view kForm =
      "a rate is a number of tokens per second, 0.000001 to 1000000000, with at most six decimals";
  const std::size_t point = text.find('.');
  std::string digits(text.substr(0, point));
  if (point != std::string_view::npos) {
    const std::string_view decimals = text.substr(point + 1);
    if (decimals.empty() || decimals.size() > kDecimals) return wrong(text, kForm);
    str::append(digits, decimals, std::string(kDecimals - decimals.size(), '0'));
  } else {
    digits.append(kDecimals, '0');
  }
  const auto micro = str::parse_int<std::uint64_t>(digits);
  if (point == 0 || text.empty() || !micro || *micro == 0 || *micro > kMaxMicro) return wrong(text, kForm);
  return *micro;
}

Parsed<bool> parse_bool(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return wrong(text, "it must be true or false");
}

Parsed<std::string> parse_name(std::string_view text) {
  if (text.empty() || text.size() > 40 ||
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") != std::string_view::npos) {
    return wrong(text, "a name is 1 to 40 of a-z, 0-9, _ and -");
  }
  return std::string(text);
}

Parsed<std::string> parse_path(std::string_view text) {
  if (text.empty() || text.size() > 4'000 || !is_printable(text)) return wrong(text, "it must be a path");
  return std::string(text);
}

Parsed<std::string> parse_log_level(std::string_view text) {
  const std::vector<std::string_view> levels = {"debug", "info", "warn", "error"};
  if (std::ranges::find(levels, text) == levels.end()) return std::unexpected(not_one_of(text, levels));
  return std::string(text);
}

Parsed<std::string> parse_listen_address(std::string_view text) {
  const auto address = is_printable(text) ? IpAddress::parse(text) : std::nullopt;
  if (!address) return wrong(text, "it must be an IPv4 or IPv6 address, such as 127.0.0.1, 0.0.0.0 or ::");
  return address->to_string();
}

Parsed<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = is_printable(text) ? IpAddress::parse(text.substr(0, slash)) : std::nullopt;
  if (!address) return wrong(text, "a network is an address and a prefix length, such as 10.0.0.0/8 or 2001:db8::/32");
  const unsigned longest = address->is_v4() ? 32 : 128;
  unsigned prefix = longest;
  if (slash != std::string_view::npos) {
    const auto given = str::parse_int<unsigned>(text.substr(slash + 1));
    if (!given || *given > longest) return wrong(text, str::cat("its prefix length must be 0 to ", longest));
    prefix = *given;
  }
  Network network{address->bytes, static_cast<std::uint8_t>(prefix + 128 - longest)};
  for (unsigned bit = network.prefix; bit < 128; ++bit) {
    network.address[bit / 8] &= static_cast<std::uint8_t>(~(0x80u >> bit % 8));
  }
  if (network.address != address->bytes) {
    return wrong(text, str::cat("bits behind the prefix are set; the network is ",
                                IpAddress{network.address}.to_string(), "/", prefix));
  }
  return network;
}

namespace {

// What follows "http://" or "https://" in `text`.
Parsed<core::UpstreamAddress> parse_host_and_port(std::string_view text, std::string_view rest,
                                                  std::uint16_t default_port) {
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find_first_of("/?#") != std::string_view::npos)
    return wrong(text, "a path, query or fragment is not part of it");
  const auto authority = split_authority(rest);
  const auto host = authority ? parse_host(authority->host) : std::nullopt;
  if (!host) return wrong(text, "its host must be a name, an IPv4 address or an IPv6 address in brackets");
  std::uint16_t port = default_port;
  if (!authority->port.empty()) {
    const auto given = str::parse_int<std::uint16_t>(authority->port);
    if (!given || *given == 0) return wrong(text, "its port must be 1 to 65535");
    port = *given;
  }
  return core::UpstreamAddress{*host, port};
}

bool has_user(std::string_view text) {
  return text.find('@') != std::string_view::npos;
}
constexpr std::string_view kUserRefused = "has a user name or password, which is not supported";

std::string in_brackets(const std::string& host) {
  return host.find(':') == std::string::npos ? host : str::cat("[", host, "]");
}

}  // namespace

Parsed<core::UpstreamAddress> parse_http_address(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  // Before anything that would show the text: there may be a password in it.
  if (has_user(text)) return std::unexpected(std::string(kUserRefused));
  if (text.starts_with("https://")) return wrong(text, "this version speaks http to upstreams; https is not supported");
  if (!text.starts_with(kScheme)) return wrong(text, "it must be http://host or http://host:port");
  return parse_host_and_port(text, text.substr(kScheme.size()), 80);
}

Parsed<std::string> parse_https_origin(std::string_view text) {
  constexpr std::string_view kScheme = "https://";
  constexpr std::uint16_t kTlsPort = 443;
  if (has_user(text)) return std::unexpected(std::string(kUserRefused));
  if (!text.starts_with(kScheme)) return wrong(text, "it must be https://host or https://host:port");
  const auto address = parse_host_and_port(text, text.substr(kScheme.size()), kTlsPort);
  if (!address) return std::unexpected(address.error());
  const std::string port = address->port == kTlsPort ? std::string() : str::cat(":", address->port);
  return str::cat(kScheme, in_brackets(address->host), port);
}

Parsed<std::string> parse_http_url(std::string_view text) {
  auto address = parse_http_address(text);
  if (!address) return std::unexpected(std::move(address).error());
  return to_url(*address);
}

std::string to_url(const core::UpstreamAddress& address) {
  return str::cat("http://", in_brackets(address.host), ":", address.port);
}

}  // namespace tollgate::config
