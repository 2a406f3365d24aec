// A whole, buffered request, as control APIs' endpoints see it.
#pragma once

#include <any>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/exchange.h"

namespace tollgate::http {

class Request {
 public:
  explicit Request(Exchange& exchange) : exchange_(exchange) {}

  Exchange& exchange() { return exchange_; }
  runtime::EventLoop& loop() { return exchange_.loop(); }
  std::uint64_t id() const { return exchange_.request_id(); }
  const SocketAddress& peer() const { return exchange_.peer(); }
  std::string_view method() const { return exchange_.method(); }
  const std::string& path() const { return path_; }  // in normal form
  std::string_view header(codec::HeaderId id) const { return exchange_.header(id); }
  std::string_view header(std::string_view name) const { return exchange_.header(name); }
  // The text of "{name}" in the endpoint's pattern, percent-decoded.
  std::string_view param(std::string_view name) const;
  // Query parameters, percent-decoded; '+' is a space. A name given twice is refused by the router with 400.
  std::optional<std::string_view> query(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& queries() const { return query_; }
  const std::string& body() const { return body_; }
  // The bearer token of Authorization; empty when absent or of another scheme.
  std::string_view bearer() const;

  // What the guard found out about the caller, for the endpoint.
  std::any& caller() { return caller_; }

 private:
  friend class Router;
  Exchange& exchange_;
  std::string path_;
  std::vector<std::pair<std::string, std::string>> params_;
  std::vector<std::pair<std::string, std::string>> query_;
  std::string body_;
  std::any caller_;
};

}  // namespace tollgate::http
