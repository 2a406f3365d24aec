#include "services/backend/echo.h"

#include "base/str.h"
#include "codec/json/writer.h"
#include "crypto/sha256.h"

namespace tollgate::services {

namespace {

std::string sha256_hex(std::string_view bytes) {
  const crypto::Digest256 digest = crypto::sha256(bytes);
  return str::to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace

http::Response echo(http::Request& request) {
  const http::Exchange& exchange = request.exchange();
  const bool shows_body = request.body().size() <= kEchoBodyBytes && str::is_valid_utf8(request.body());
  std::string body;
  codec::JsonWriter out(body);
  out.begin_object()
      .member("method", request.method())
      .member("path", exchange.path())
      .member("query", exchange.query())
      .key("headers")
      .begin_array();
  for (const codec::HeaderField& field : exchange.head().fields) {
    out.begin_object()
        .member("name", field.name(exchange.bytes()))
        .member("value", field.value(exchange.bytes()))
        .end_object();
  }
  out.end_array()
      .member("bodyBytes", request.body().size())
      .member("bodySha256", sha256_hex(request.body()))
      .member("body", shows_body ? std::optional<std::string>(request.body()) : std::nullopt)
      .end_object();
  return http::json(std::move(body));
}

}  // namespace tollgate::services
