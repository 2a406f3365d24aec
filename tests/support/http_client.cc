#include "tests/support/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cstring>

#include "base/str.h"

namespace tollgate::testing {

namespace {

[[noreturn]] void give_up(const std::string& what) {
  throw std::runtime_error("HttpClient: " + what);
}

sockaddr_in6 socket_address(const SocketAddress& address) {
  sockaddr_in6 made{};
  made.sin6_family = AF_INET6;
  made.sin6_port = htons(address.port);
  std::memcpy(&made.sin6_addr, address.ip.bytes.data(), address.ip.bytes.size());
  return made;
}

UniqueFd connect_to(const SocketAddress& address, const std::optional<IpAddress>& from = std::nullopt) {
  UniqueFd fd(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) give_up("socket: " + system_error_text());
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  const int off = 0;
  ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  if (from) {
    const sockaddr_in6 own = socket_address({.ip = *from});
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&own), sizeof(own)) != 0)
      give_up("bind: " + system_error_text());
  }
  const sockaddr_in6 to = socket_address(address);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0)
    give_up("connect: " + system_error_text());
  return fd;
}

bool names(const Headers& headers, std::string_view name) {
  return std::ranges::any_of(headers, [&](const auto& field) { return str::iequals(field.first, name); });
}

}  // namespace

std::string HttpReply::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (str::iequals(key, name)) return value;
  }
  return {};
}

bool HttpReply::has(std::string_view name) const {
  return names(headers, name);
}

HttpClient::HttpClient(const SocketAddress& address) : fd_(connect_to(address)) {}
HttpClient::HttpClient(const SocketAddress& address, const IpAddress& from) : fd_(connect_to(address, from)) {}

HttpReply HttpClient::call(const HttpCall& call) {
  std::string text = str::cat(call.method, " ", call.target, " HTTP/1.1\r\n");
  if (!names(call.headers, "Host")) text += "Host: test\r\n";
  for (const auto& [name, value] : call.headers) str::append(text, name, ": ", value, "\r\n");
  if (!call.body.empty() && !names(call.headers, "Content-Length") && !names(call.headers, "Transfer-Encoding")) {
    str::append(text, "Content-Length: ", call.body.size(), "\r\n");
  }
  str::append(text, "\r\n", call.body);
  send(text);
  return read_reply(call.method == "HEAD");
}

std::string as_chunk(std::string_view data) {
  char size[32];
  const int length = std::snprintf(size, sizeof(size), "%zx\r\n", data.size());
  return str::cat(std::string_view(size, static_cast<std::size_t>(length)), data, "\r\n");
}

HttpReply HttpClient::get(const std::string& target, Headers headers) {
  return call({.target = target, .headers = std::move(headers)});
}

HttpReply HttpClient::post(const std::string& target, const std::string& json, Headers headers) {
  headers.emplace_back("Content-Type", "application/json");
  return call({.method = "POST", .target = target, .headers = std::move(headers), .body = json});
}

void HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) give_up("send: " + system_error_text());
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void HttpClient::shutdown_write() {
  ::shutdown(fd_.get(), SHUT_WR);
}

void HttpClient::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  fd_.reset();
}

std::string HttpClient::read_some() {
  if (!buffered_.empty()) return std::exchange(buffered_, {});
  std::string bytes(64 * 1024, '\0');
  const ssize_t got = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
  if (got < 0) give_up("recv: " + system_error_text());
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

std::string HttpClient::read_until(std::string_view mark) {
  std::string bytes = std::exchange(buffered_, {});
  std::size_t at = bytes.find(mark);
  while (at == std::string::npos) {
    const std::string more = read_some();
    if (more.empty()) give_up("the stream ended before what was waited for; it had: " + bytes);
    bytes += more;
    at = bytes.find(mark);
  }
  buffered_ = bytes.substr(at + mark.size());
  bytes.resize(at + mark.size());
  return bytes;
}

std::string HttpClient::read_until_closed() {
  std::string all;
  while (true) {
    const std::string more = read_some();
    if (more.empty()) return all;
    all += more;
  }
}

std::string HttpClient::take(std::size_t count) {
  std::string bytes = std::exchange(buffered_, {});
  while (bytes.size() < count) {
    const std::string more = read_some();
    if (more.empty()) give_up("the connection ended within a body");
    bytes += more;
  }
  buffered_ = bytes.substr(count);
  bytes.resize(count);
  return bytes;
}

std::string HttpClient::take_line() {
  std::string bytes = std::exchange(buffered_, {});
  std::size_t end = bytes.find("\r\n");
  while (end == std::string::npos) {
    const std::string more = read_some();
    if (more.empty()) give_up("the connection ended within a line: \"" + bytes + "\"");
    bytes += more;
    end = bytes.find("\r\n");
  }
  buffered_ = bytes.substr(end + 2);
  bytes.resize(end);
  return bytes;
}

std::string HttpClient::take_chunks() {
  std::string body;
  while (true) {
    const std::string line = take_line();
    const std::size_t size = std::stoul(line, nullptr, 16);
    if (size == 0) break;
    body += take(size);
    if (!take_line().empty()) give_up("a chunk is longer than it says");
  }
  while (!take_line().empty()) {
  }
  return body;
}

HttpReply HttpClient::read_head() {
  HttpReply reply;
  const std::string status_line = take_line();
  if (!status_line.starts_with("HTTP/1.1 ") || status_line.size() < 12)
    give_up("no status line: \"" + status_line + "\"");
  reply.status = std::stoi(status_line.substr(9, 3));
  while (true) {
    const std::string line = take_line();
    if (line.empty()) return reply;
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) give_up("no header field: \"" + line + "\"");
    reply.headers.emplace_back(line.substr(0, colon), str::trim(std::string_view(line).substr(colon + 1)));
  }
}

HttpReply HttpClient::read_reply(bool to_head) {
  HttpReply reply = read_head();
  while (reply.status < 200) reply = read_head();
  if (to_head || reply.status == 204 || reply.status == 304) return reply;
  if (str::iequals(reply.header("Transfer-Encoding"), "chunked")) {
    reply.body = take_chunks();
  } else if (reply.has("Content-Length")) {
    reply.body = take(std::stoul(reply.header("Content-Length")));
  } else {
    reply.body = read_until_closed();
  }
  return reply;
}

}  // namespace tollgate::testing
