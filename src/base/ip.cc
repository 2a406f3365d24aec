#include "base/ip.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "base/str.h"

namespace tollgate {
namespace {

constexpr std::array<std::uint8_t, 12> kV4Prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

bool IpAddress::is_v4() const {
  return std::equal(kV4Prefix.begin(), kV4Prefix.end(), bytes.begin());
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes[12] == 127;
  return bytes == std::array<std::uint8_t, 16>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN] = {};
  if (is_v4()) {
    ::inet_ntop(AF_INET, bytes.data() + 12, text, sizeof(text));
  } else {
    ::inet_ntop(AF_INET6, bytes.data(), text, sizeof(text));
  }
  return text;
}

IpAddress IpAddress::v4(std::array<std::uint8_t, 4> octets) {
  IpAddress address;
  std::copy(kV4Prefix.begin(), kV4Prefix.end(), address.bytes.begin());
  std::copy(octets.begin(), octets.end(), address.bytes.begin() + 12);
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  char copy[INET6_ADDRSTRLEN] = {};
  if (text.empty() || text.size() >= sizeof(copy) || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::memcpy(copy, text.data(), text.size());
  IpAddress address;
  std::array<std::uint8_t, 4> octets;
  if (::inet_pton(AF_INET, copy, octets.data()) == 1) return v4(octets);
  if (::inet_pton(AF_INET6, copy, address.bytes.data()) == 1) return address;
  return std::nullopt;
}

ClientNetwork client_network(const IpAddress& address) {
  ClientNetwork network;
  network.family = address.is_v4() ? 4 : 6;
  const std::size_t from = address.is_v4() ? 12 : 0;
  std::copy_n(address.bytes.begin() + static_cast<std::ptrdiff_t>(from), address.is_v4() ? 4 : 8,
              network.bytes.begin());
  return network;
}

bool in_network(const IpAddress& address, const std::array<std::uint8_t, 16>& network, unsigned prefix) {
  const std::size_t whole = prefix / 8;
  if (!std::equal(network.begin(), network.begin() + static_cast<std::ptrdiff_t>(whole), address.bytes.begin()))
    return false;
  const unsigned rest = prefix % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return ((address.bytes[whole] ^ network[whole]) & mask) == 0;
}

std::string SocketAddress::to_string() const {
  return ip.is_v4() ? str::cat(ip.to_string(), ":", port) : str::cat("[", ip.to_string(), "]:", port);
}

}  // namespace tollgate
