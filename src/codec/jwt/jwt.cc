#include "codec/jwt/jwt.h"

#include <algorithm>
#include <optional>

#include "base/str.h"
#include "codec/json/object_reader.h"
#include "codec/json/parse.h"
#include "codec/json/writer.h"
#include "crypto/secret_bytes.h"
#include "crypto/secret_policy.h"
#include "crypto/sha256.h"

namespace tollgate::codec {
namespace {

constexpr std::size_t kMaxTokenBytes = 8 * 1024;
constexpr std::size_t kMaxKidBytes = 64;
constexpr Seconds kMaxLeeway{60};
// Beyond this a double no longer holds every whole number, and readers begin to differ.
constexpr std::uint64_t kMaxTimeSeconds = (std::uint64_t{1} << 53) - 1;
// Beyond this WallTime's nanoseconds would overflow: the year 2255.
constexpr std::uint64_t kMaxWallSeconds = 9'000'000'000;
constexpr JsonLimits kLimits{.max_bytes = kMaxTokenBytes, .max_depth = 4};

std::unexpected<Error> refuse(std::string detail) {
  return fail(codes::unauthenticated_admin, std::move(detail));
}

bool is_kid(std::string_view text) {
  static constexpr std::string_view kExtra = "._-";
  return !text.empty() && text.size() <= kMaxKidBytes && std::ranges::all_of(text, [](char c) {
    const char l = str::lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || kExtra.find(c) != std::string_view::npos;
  });
}

struct Segments {
  std::string_view header, claims, signature, signed_part;
};

std::optional<Segments> split(std::string_view token) {
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return Segments{.header = token.substr(0, first),
                  .claims = token.substr(first + 1, second - first - 1),
                  .signature = token.substr(second + 1),
                  .signed_part = token.substr(0, second)};
}

std::string_view bytes_of(const crypto::Digest256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::uint64_t unix_seconds(WallTime time) {
  return static_cast<std::uint64_t>(std::chrono::floor<Seconds>(time).time_since_epoch().count());
}

// A time that means "never" to the issuer is still a time; the lifetime cap then refuses it.
WallTime wall_time(std::uint64_t seconds) {
  return WallTime(Seconds(static_cast<std::int64_t>(std::min(seconds, kMaxWallSeconds))));
}

Result<JsonValue> decode_segment(std::string_view segment) {
  const auto text = str::from_base64url(segment);
  if (!text) return refuse("the token is not canonical base64url");
  auto document = parse_json(*text, kLimits);
  if (!document) return refuse(str::cat("the token holds no JSON object: ", document.error().fields()[0].detail));
  return document;
}

}  // namespace

Result<JwtCodec> JwtCodec::make(std::vector<JwtKey> keys, JwtRules rules) {
  if (keys.empty() || rules.issuer.empty() || rules.audience.empty()) {
    return fail(codes::config_invalid, "tokens need at least one key, an issuer and an audience");
  }
  if (rules.leeway < Seconds(0) || rules.leeway > kMaxLeeway || rules.max_lifetime <= Seconds(0)) {
    return fail(codes::config_invalid, "the leeway for tokens must be 0 to 60 s, and their lifetime more than 0");
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto same = [&](const JwtKey& other) { return other.kid == keys[i].kid; };
    if (!is_kid(keys[i].kid) || std::any_of(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(i), same)) {
      return fail(codes::config_invalid, "key ids must be 1 to 64 of [A-Za-z0-9._-] and differ from each other");
    }
    const std::string name = str::cat("the token secret ", keys[i].kid);
    if (auto strong = crypto::check_secret({.name = name, .value = keys[i].secret}); !strong) {
      return std::unexpected(std::move(strong).error());
    }
  }
  return JwtCodec(std::move(keys), std::move(rules));
}

const JwtKey* JwtCodec::find_key(std::string_view kid) const {
  const auto found = std::ranges::find(keys_, kid, &JwtKey::kid);
  return found == keys_.end() ? nullptr : &*found;
}

std::string JwtCodec::sign(const JwtClaims& claims) const {
  const JwtKey& key = keys_.front();
  std::string header, body;
  JsonWriter(header).begin_object().member("alg", "HS256").member("typ", "JWT").member("kid", key.kid).end_object();
  JsonWriter(body)
      .begin_object()
      .member("iss", rules_.issuer)
      .member("aud", rules_.audience)
      .member("sub", claims.sub)
      .member("role", claims.role)
      .member("jti", claims.jti)
      .member("iat", unix_seconds(claims.iat))
      .member("exp", unix_seconds(claims.exp))
      .member("ver", claims.ver)
      .end_object();
  std::string token = str::cat(str::to_base64url(header), ".", str::to_base64url(body));
  const crypto::Digest256 mac = crypto::hmac_sha256({key.secret}, token);
  str::append(token, ".", str::to_base64url(bytes_of(mac)));
  return token;
}

Result<const JwtKey*> JwtCodec::read_header(std::string_view segment) const {
  TG_TRY(const JsonValue document, decode_segment(segment));
  JsonObjectReader in(document);
  const std::string alg = in.required_string("alg", {.max = 16});
  // RFC 7515 knows no null here: a token that says it was made by nobody who follows it.
  for (const std::string_view member : {"typ", "kid"}) {
    if (in.is_null(member)) in.fail(member, "must not be null");
  }
  const auto typ = in.optional_string("typ", {.max = 16});
  const auto kid = in.optional_string("kid", {.max = kMaxKidBytes});
  if (auto done = in.finish(); !done) return refuse(str::cat("the token's header: ", done.error().detail()));
  if (alg != "HS256") return refuse("the token's algorithm is not the one that is configured");
  if (typ && !str::iequals(*typ, "JWT")) return refuse("the token is of another type");
  if (!kid) return &keys_.front();
  const JwtKey* key = find_key(*kid);
  if (key == nullptr) return refuse("the token names a key that is not known");
  return key;
}

Result<JwtClaims> JwtCodec::read_claims(std::string_view segment) const {
  TG_TRY(const JsonValue document, decode_segment(segment));
  JsonObjectReader in(document);
  JwtClaims claims;
  claims.iss = in.required_string("iss", {.min = 1, .max = 200});
  claims.aud = in.required_string("aud", {.min = 1, .max = 200});
  claims.sub = in.required_string("sub", {.min = 1, .max = 200});
  claims.role = in.required_string("role", {.min = 1, .max = 40});
  claims.jti = in.required_string("jti", {.min = 1, .max = 64});
  claims.iat = wall_time(in.required_uint("iat", {.max = kMaxTimeSeconds}));
  claims.exp = wall_time(in.required_uint("exp", {.max = kMaxTimeSeconds}));
  claims.ver = static_cast<std::uint32_t>(in.required_uint("ver", {.max = 0xffffffff}));
  if (auto done = in.finish(); !done) return refuse(str::cat("the token's claims: ", done.error().detail()));
  return claims;
}

Result<void> JwtCodec::check_claims(const JwtClaims& claims, WallTime now) const {
  if (claims.iss != rules_.issuer || claims.aud != rules_.audience)
    return refuse("the token is meant for another service");
  if (claims.exp <= claims.iat || claims.exp - claims.iat > rules_.max_lifetime) {
    return refuse("the token's lifetime is longer than is allowed here");
  }
  if (now >= claims.exp + rules_.leeway) return refuse("the token has expired; log in again");
  if (now < claims.iat - rules_.leeway) return refuse("the token was issued in the future; check the clocks");
  return {};
}

Result<JwtClaims> JwtCodec::verify(std::string_view token, WallTime now) const {
  if (token.size() > kMaxTokenBytes) return refuse("the token is longer than 8 KiB");
  const auto segments = split(token);
  if (!segments) return refuse("a token has three parts");
  TG_TRY(const JwtKey* const key, read_header(segments->header));
  const auto signature = str::from_base64url(segments->signature);
  const crypto::Digest256 expected = crypto::hmac_sha256({key->secret}, segments->signed_part);
  if (!signature || !crypto::constant_time_equal(*signature, bytes_of(expected))) {
    return refuse("the token's signature is wrong");
  }
  TG_TRY(JwtClaims claims, read_claims(segments->claims));
  if (auto good = check_claims(claims, now); !good) return std::unexpected(std::move(good).error());
  return claims;
}

}  // namespace tollgate::codec
