// An IP address as a value. IPv4 is held as ::ffff:a.b.c.d, so one comparison serves both families.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate {

struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const IpAddress&) const = default;

  bool is_v4() const;
  bool is_loopback() const;  // 127.0.0.0/8, ::1
  std::string to_string() const;
  // "1.2.3.4" or "2001:db8::1", nothing else: no brackets, zone or port.
  static std::optional<IpAddress> parse(std::string_view text);
  static IpAddress v4(std::array<std::uint8_t, 4> octets);
};

// What one subscriber has whole: an IPv4 address, or the /64 of an IPv6 one.
struct ClientNetwork {
  std::array<std::uint8_t, 8> bytes{};
  std::uint8_t family = 0;  // 4 or 6
  auto operator<=>(const ClientNetwork&) const = default;
};
ClientNetwork client_network(const IpAddress& address);

// Whether the first `prefix` bits (of 128; IPv4 networks count from 96) agree.
bool in_network(const IpAddress& address, const std::array<std::uint8_t, 16>& network, unsigned prefix);

struct SocketAddress {
  IpAddress ip;
  std::uint16_t port = 0;
  auto operator<=>(const SocketAddress&) const = default;
  std::string to_string() const;  // "127.0.0.1:80", "[::1]:80"
};

}  // namespace tollgate
