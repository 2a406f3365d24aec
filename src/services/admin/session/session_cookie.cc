#include "services/admin/session/session_cookie.h"

#include "base/str.h"
#include "services/admin/session/sessions.h"

namespace tollgate::services {

std::string_view SessionCookie::read(const http::Request& request) const {
  std::string_view rest = request.header("Cookie");
  while (!rest.empty()) {
    const std::string_view pair = str::trim(rest.substr(0, rest.find(';')));
    rest.remove_prefix(
        std::min(rest.size(), rest.find(';') == std::string_view::npos ? rest.size() : rest.find(';') + 1));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name()) return pair.substr(equals + 1);
  }
  return {};
}

std::string SessionCookie::set(std::string_view secret) const {
  return str::cat(name(), "=", secret, "; Path=/; Max-Age=", Sessions::kLifetime.count(), "; HttpOnly; SameSite=Strict",
                  is_secure() ? "; Secure" : "");
}

std::string SessionCookie::clear() const {
  return str::cat(name(), "=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict", is_secure() ? "; Secure" : "");
}

Result<void> SessionCookie::expect_own_origin(const http::Request& request) const {
  const std::string_view site = request.header("Sec-Fetch-Site");
  if (!site.empty()) return site == "same-origin" ? Result<void>{} : fail(codes::csrf, "sent by another site's page");
  const std::string_view origin = request.header("Origin");
  const std::string own = is_secure() ? public_origin_ : str::cat("http://", request.header(codec::HeaderId::host));
  if (origin != own) return fail(codes::csrf, str::cat("its Origin is not ", own));
  return {};
}

Result<void> SessionCookie::expect_own_script(const http::Request& request) const {
  if (request.method() == "GET" || request.method() == "HEAD") return {};
  if (request.header("X-Tollgate-Csrf") != "1") return fail(codes::csrf);
  return expect_own_origin(request);
}

}  // namespace tollgate::services
