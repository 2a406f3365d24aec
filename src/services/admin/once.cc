#include "services/admin/once.h"

#include "base/str.h"
#include "crypto/sha256.h"
#include "services/admin/admin_api.h"

namespace tollgate::services {
namespace {

constexpr std::size_t kMaxKeyLength = 255;

}  // namespace

Result<std::optional<ports::RequestMark>> request_mark(http::Request& request) {
  const std::string_view text = request.header("Idempotency-Key");
  if (text.empty()) return std::nullopt;
  if (text.size() > kMaxKeyLength) {
    return fail(codes::invalid_parameter,
                str::cat("Idempotency-Key must have at most ", kMaxKeyLength, " characters."));
  }
  return ports::RequestMark{.caller = caller_of(request).name,
                            .key = crypto::sha256(text),
                            .target = crypto::sha256(str::cat(request.method(), " ", request.path())),
                            .document = crypto::sha256(request.body())};
}

http::Response as_replay(http::Response response) {
  response.header("Idempotency-Replayed", "true");
  return response;
}

Result<http::Response> do_once(http::Request& request, ports::KeyStore& store, const Change& change,
                               const ShowAgain& show_again) {
  TG_TRY(const std::optional<ports::RequestMark> mark, request_mark(request));
  if (!mark) return change(request, nullptr);
  TG_TRY(const std::optional<std::string> before, store.done_by(*mark));
  auto answer = before ? show_again(request, *before) : change(request, &*mark);
  if (before && answer) return as_replay(*std::move(answer));
  if (before || answer) return answer;
  // The same request may have been under way, and was done first.
  const auto meanwhile = store.done_by(*mark);
  if (!meanwhile || !*meanwhile) return answer;
  TG_TRY(http::Response shown, show_again(request, **meanwhile));
  return as_replay(std::move(shown));
}

}  // namespace tollgate::services
