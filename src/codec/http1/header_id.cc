#include <array>
#include <cstddef>

#include "base/str.h"
#include "codec/http1/head.h"

namespace tollgate::codec {
namespace {

struct KnownName {
  std::string_view name;
  HeaderId id;
};

// By length, so that a name is compared with the two or three that have its length and no others.
constexpr auto kKnownNames = std::to_array<KnownName>({
    {"te", HeaderId::te},
    {"via", HeaderId::via},
    {"host", HeaderId::host},
    {"date", HeaderId::date},
    {"expect", HeaderId::expect},
    {"server", HeaderId::server},
    {"trailer", HeaderId::trailer},
    {"upgrade", HeaderId::upgrade},
    {"forwarded", HeaderId::forwarded},
    {"x-api-key", HeaderId::x_api_key},
    {"x-real-ip", HeaderId::x_real_ip},
    {"connection", HeaderId::connection},
    {"keep-alive", HeaderId::keep_alive},
    {"traceparent", HeaderId::traceparent},
    {"content-type", HeaderId::content_type},
    {"max-forwards", HeaderId::max_forwards},
    {"x-request-id", HeaderId::x_request_id},
    {"authorization", HeaderId::authorization},
    {"content-length", HeaderId::content_length},
    {"x-forwarded-for", HeaderId::x_forwarded_for},
    {"proxy-connection", HeaderId::proxy_connection},
    {"x-forwarded-host", HeaderId::x_forwarded_host},
    {"transfer-encoding", HeaderId::transfer_encoding},
    {"x-forwarded-proto", HeaderId::x_forwarded_proto},
    {"proxy-authorization", HeaderId::proxy_authorization},
});
static_assert(kKnownNames.size() + 1 == kHeaderIdCount);

constexpr std::size_t kLongestName = kKnownNames.back().name.size();

// kFirstOfLength[n] … kFirstOfLength[n + 1] are the names of n bytes.
constexpr std::array<std::uint8_t, kLongestName + 2> kFirstOfLength = [] {
  std::array<std::uint8_t, kLongestName + 2> first{};
  for (const KnownName& known : kKnownNames) {
    for (std::size_t longer = known.name.size() + 1; longer < first.size(); ++longer) ++first[longer];
  }
  return first;
}();

constexpr bool sorted_by_length() {
  for (std::size_t i = 1; i < kKnownNames.size(); ++i) {
    if (kKnownNames[i - 1].name.size() > kKnownNames[i].name.size()) return false;
  }
  return true;
}
static_assert(sorted_by_length());

// `known` is in lower case and as long as `name`.
bool matches(std::string_view known, std::string_view name) {
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i] != str::lower(name[i])) return false;
  }
  return true;
}

}  // namespace

HeaderId header_id(std::string_view name) noexcept {
  if (name.empty() || name.size() > kLongestName) return HeaderId::other;
  for (std::size_t i = kFirstOfLength[name.size()]; i < kFirstOfLength[name.size() + 1]; ++i) {
    const KnownName& known = kKnownNames[i];
    if (matches(known.name, name)) return known.id;
  }
  return HeaderId::other;
}

}  // namespace tollgate::codec
