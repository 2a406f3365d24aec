#include "codec/http1/authority.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/str.h"
#include "codec/http1/char_class.h"

namespace tollgate::codec {
namespace {

constexpr std::size_t kLongestHost = 255;  // RFC 1035 §2.3.4

bool valid_reg_name(std::string_view host) {
  if (host.empty() || host.size() > kLongestHost) return false;
  for (std::size_t i = 0; i < host.size(); ++i) {
    if ((char_class(host[i]) & kRegNameChar) != 0) continue;
    if (host[i] != '%' || host.size() - i < 3) return false;
    if (hex_value(host[i + 1]) < 8 || hex_value(host[i + 2]) < 0) return false;
    i += 2;
  }
  return true;
}

// `text` without its brackets.
bool valid_ipv6(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) return false;
  text.copy(terminated.data(), text.size());
  in6_addr address{};
  return inet_pton(AF_INET6, terminated.data(), &address) == 1;
}

bool valid_port(std::string_view port) {
  if (port.empty()) return true;
  for (const char c : port) {
    if (!is_digit(c)) return false;
  }
  const auto number = str::parse_int<std::uint16_t>(port);
  return number && *number > 0;
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) noexcept {
  std::size_t host_length = text.find(':');
  bool valid_host = false;
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    host_length = bracket + 1;
    valid_host = valid_ipv6(text.substr(1, bracket - 1));
  } else {
    host_length = std::min(host_length, text.size());
    valid_host = valid_reg_name(text.substr(0, host_length));
  }
  const std::string_view rest = text.substr(host_length);
  if (!valid_host || (!rest.empty() && rest.front() != ':')) return std::nullopt;
  const std::string_view port = rest.empty() ? rest : rest.substr(1);
  if (!valid_port(port)) return std::nullopt;
  return Authority{text.substr(0, host_length), port};
}

bool same_endpoint(const Authority& a, const Authority& b, std::string_view default_port) noexcept {
  const auto port_of = [default_port](const Authority& authority) {
    return authority.port.empty() ? default_port : authority.port;
  };
  return str::iequals(a.host, b.host) && port_of(a) == port_of(b);
}

}  // namespace tollgate::codec
