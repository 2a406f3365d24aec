// The cookie that carries a session, and whether a request with it comes from a page of our own.
//
// Another site can make a browser send its cookies along. It cannot read this one, SameSite=Strict keeps it from
// requests that other sites begin, and what changes anything must have a field that only scripts of our own origin can
// add, and come from that origin as the browser itself says.
//
// Thread safety: any.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "http/request.h"

namespace tollgate::services {

class SessionCookie {
 public:
  // `public_origin`: "https://tollgate.example", where a proxy ends TLS; the cookie is then for TLS alone. Empty: plain
  // HTTP, under whatever name the browser used.
  explicit SessionCookie(std::string public_origin) : public_origin_(std::move(public_origin)) {}

  // The secret in the request's cookie; empty when there is none.
  std::string_view read(const http::Request& request) const;
  // Values of Set-Cookie.
  std::string set(std::string_view secret) const;
  std::string clear() const;
  bool is_secure() const { return !public_origin_.empty(); }

  // csrf when the browser says that another site's page sent this.
  Result<void> expect_own_origin(const http::Request& request) const;
  // The same, and that the field is there, for whatever is no GET or HEAD.
  Result<void> expect_own_script(const http::Request& request) const;

 private:
  std::string_view name() const { return is_secure() ? "__Host-tollgate" : "tollgate-session"; }

  std::string public_origin_;
};

}  // namespace tollgate::services
