#include "services/admin/feed_endpoint.h"

#include "base/str.h"
#include "codec/keys/key_changes_json.h"
#include "http/service_endpoints.h"
#include "services/admin/api_input.h"

namespace tollgate::services {
namespace {

constexpr std::uint64_t kItemsMax = 10'000;

Result<std::uint64_t> number(const http::Request& request, std::string_view name, std::uint64_t absent) {
  const auto text = request.query(name);
  if (!text) return absent;
  const auto value = str::parse_int<std::uint64_t>(*text);
  if (!value) return fail(codes::invalid_parameter, str::cat(name, " must be a whole number."));
  return *value;
}

}  // namespace

void FeedEndpoint::add_to(AdminApi& api, std::string service_token) {
  api.add_guarded("GET /api/admin/internal/changes", http::service_token_guard(std::move(service_token)),
                  [this](http::Request& request) { return changes(request); });
}

Result<http::Response> FeedEndpoint::changes(http::Request& request) {
  if (auto known = expect_parameters(request, {"since", "max"}); !known)
    return std::unexpected(std::move(known).error());
  TG_TRY(const std::uint64_t since, number(request, "since", 0));
  TG_TRY(const std::uint64_t max, number(request, "max", 1000));
  if (max < 1 || max > kItemsMax) return fail(codes::invalid_parameter, "max must be 1 to 10000.");
  TG_TRY(const core::KeyChanges changes, feed_.changes_since(since, max));
  return http::json(codec::encode_key_changes(changes));
}

}  // namespace tollgate::services
