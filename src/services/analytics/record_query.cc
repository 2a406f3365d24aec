#include "services/analytics/record_query.h"

#include <algorithm>

#include "base/ip.h"
#include "base/str.h"
#include "codec/http1/head.h"
#include "codec/usage/request_json.h"
#include "services/analytics/query_text.h"

namespace tollgate::services {
namespace {

using core::RecordFilter;

Result<void> read_status(std::string_view text, RecordFilter& filter) {
  const bool is_class = text.size() == 3 && text[0] >= '1' && text[0] <= '5' && text.substr(1) == "xx";
  if (is_class) {
    filter.status_class = static_cast<std::uint8_t>(text[0] - '0');
    return {};
  }
  filter.status = str::parse_int<std::uint16_t>(text);
  const bool is_status = filter.status && (*filter.status == 0 || (*filter.status >= 100 && *filter.status <= 599));
  if (!is_status) return bad_parameter("status", "is a status such as 429, a class such as 4xx, or 0 for no answer");
  return {};
}

Result<void> read_client(std::string_view text, RecordFilter& filter) {
  const std::string_view address = text.ends_with("/64") ? text.substr(0, text.size() - 3) : text;
  const auto ip = IpAddress::parse(address);
  if (!ip) return bad_parameter("client", "is an IP address; one of IPv6 stands for its /64");
  core::ClientNet client{.net = {}, .family = static_cast<std::uint8_t>(ip->is_v4() ? 4 : 6)};
  std::copy_n(ip->bytes.begin() + (ip->is_v4() ? 12 : 0), ip->is_v4() ? 4 : 8, client.net.begin());
  filter.client = client;
  return {};
}

Result<void> read_key(std::string_view text, RecordFilter& filter) {
  const auto id = core::KeyId::parse(text);
  if (!id && text != "none") return bad_parameter("key", "is the id of a key (ten letters and digits), or \"none\"");
  filter.key = id ? core::key_number(*id) : 0;
  return {};
}

Result<void> read_method(std::string_view text, RecordFilter& filter) {
  const codec::Method method = codec::parse_method(text);
  if (method == codec::Method::other && text != "OTHER") return bad_parameter("method", "is a method such as GET");
  filter.method = static_cast<std::uint8_t>(method);
  return {};
}

Result<void> read_outcome(std::string_view text, RecordFilter& filter) {
  filter.outcome = codec::parse_outcome(text);
  if (!filter.outcome) {
    return bad_parameter(
        "outcome", "is one of allowed, limited, unauthenticated, forbidden, badRequest, upstreamError, shed, local");
  }
  return {};
}

std::optional<core::NameRef> name_of(const http::Request& request, std::string_view parameter, core::NameKind kind) {
  const auto text = request.query(parameter);
  if (!text) return std::nullopt;
  return *text == "none" ? 0 : core::name_ref(kind, *text);
}

}  // namespace

Result<RecordFilter> read_record_filter(const http::Request& request, const std::vector<std::string_view>& more) {
  std::vector<std::string_view> known{"key",     "route",  "tier",   "consumer", "status",
                                      "outcome", "method", "client", "from",     "to"};
  known.insert(known.end(), more.begin(), more.end());
  if (auto checked = expect_parameters(request, known); !checked) return std::unexpected(std::move(checked).error());
  RecordFilter filter;
  TG_TRY(filter.from, read_time(request, "from", WallTime::min()));
  TG_TRY(filter.to, read_time(request, "to", WallTime::max()));
  if (filter.from >= filter.to) return bad_parameter("from", "must be before \"to\"");
  filter.route = name_of(request, "route", core::NameKind::route);
  filter.tier = name_of(request, "tier", core::NameKind::tier);
  filter.consumer = name_of(request, "consumer", core::NameKind::consumer);
  using Reader = Result<void> (*)(std::string_view, RecordFilter&);
  constexpr std::pair<std::string_view, Reader> kReaders[] = {{"status", read_status},
                                                              {"client", read_client},
                                                              {"key", read_key},
                                                              {"method", read_method},
                                                              {"outcome", read_outcome}};
  for (const auto& [name, read] : kReaders) {
    const auto text = request.query(name);
    if (!text) continue;
    if (auto done = read(*text, filter); !done) return std::unexpected(std::move(done).error());
  }
  return filter;
}

Result<ports::RequestQuery> read_request_query(const http::Request& request) {
  ports::RequestQuery query;
  TG_TRY(query.filter, read_record_filter(request, {"limit", "cursor"}));
  TG_TRY(query.limit, read_count(request, "limit", query.limit));
  query.cursor = std::string(request.query("cursor").value_or(""));
  return query;
}

}  // namespace tollgate::services
