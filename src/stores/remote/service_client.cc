#include "stores/remote/service_client.h"

#include <algorithm>

#include "base/str.h"
#include "codec/json/parse.h"

namespace tollgate::stores {
namespace {

constexpr std::size_t kAnswerBytesMax = 16u << 20;

std::string text_member(const codec::JsonValue& document, std::string_view name) {
  const codec::JsonValue* member = document.find(name);
  const auto* text = member == nullptr ? nullptr : member->get_if<std::string>();
  return text == nullptr ? std::string() : *text;
}

// A refusal that speaks of what we sent keeps its code; everything else is a service that does not work.
Error refusal(const http::FetchResponse& response, const std::string& peer) {
  const std::string what = str::cat(peer, " answered ", response.status);
  if (response.status == 401 || response.status == 403) {
    return Error(codes::store_unavailable, what + ": it does not accept this service token");
  }
  const auto document = codec::parse_json(response.body);
  if (response.status >= 500 || !document) return Error(codes::store_unavailable, what);
  const std::string name = text_member(*document, "code");
  for (const ErrorCode* code : codes::kAll) {
    if (code->name == name && code->status == response.status) return Error(*code, text_member(*document, "detail"));
  }
  return Error(codes::store_unavailable, what);
}

}  // namespace

Error unusable_answer(const Error& error) {
  return Error(codes::store_unavailable, error.to_string());
}

Result<std::unique_ptr<ServiceClient>> ServiceClient::make(ServiceClientOptions options) {
  TG_TRY(http::UpstreamTarget target, http::parse_service_url(options.url));
  return std::unique_ptr<ServiceClient>(new ServiceClient(std::move(options), std::move(target)));
}

ServiceClient::ServiceClient(ServiceClientOptions options, http::UpstreamTarget target)
    : options_(std::move(options)), peer_(target.authority()) {
  pool_ = thread_.call([&] {
    return std::make_unique<http::UpstreamPool>(
        thread_.loop(),
        http::UpstreamPool::Options{
            .target = std::move(target), .max_idle = 4, .connect_timeout = std::min(options_.timeout, Millis(2'000))});
  });
}

ServiceClient::~ServiceClient() {
  thread_.call([&] { pool_.reset(); });
}

Result<std::string> ServiceClient::get(const std::string& target) {
  http::FetchRequest request;
  request.target = target;
  return call(std::move(request));
}

Result<std::string> ServiceClient::post(Post post) {
  http::FetchRequest request;
  request.method = "POST";
  request.target = std::move(post.target);
  request.headers.emplace_back("Content-Type", std::move(post.content_type));
  request.body = std::move(post.body);
  return call(std::move(request));
}

Result<std::string> ServiceClient::call(http::FetchRequest request) {
  request.headers.emplace_back("Authorization", "Bearer " + options_.service_token);
  request.timeout = options_.timeout;
  request.max_response_bytes = kAnswerBytesMax;
  auto answer = thread_.await([&] { return http::fetch(*pool_, std::move(request)); });
  if (!answer) return fail(codes::store_unavailable, str::cat(peer_, ": ", answer.error().to_string()));
  if (answer->status / 100 != 2) return std::unexpected(refusal(*answer, peer_));
  return std::move(answer->body);
}

}  // namespace tollgate::stores
