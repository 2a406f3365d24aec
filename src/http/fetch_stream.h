// One request to another service, its response piece by piece as it comes: for what is long, or has no end.
//
//   FetchStream stream(pool);
//   auto head = co_await stream.begin(request, deadline);
//   while (true) { auto piece = co_await stream.next(deadline); if (!piece || piece->empty()) break; … }
//
// Thread safety: the pool's loop.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/task.h"
#include "codec/http1/body.h"
#include "http/fetch.h"
#include "http/upstream.h"

namespace tollgate::http {

class FetchStream {
 public:
  explicit FetchStream(UpstreamPool& pool) : pool_(pool) {}
  FetchStream(const FetchStream&) = delete;
  FetchStream& operator=(const FetchStream&) = delete;
  ~FetchStream() = default;

  // Sends the request; its status, once the final response's head has come. Errors as fetch().
  Task<Result<std::uint16_t>> begin(const FetchRequest& request, MonoTime deadline);
  // The value of the response's first field of that name; empty when there is none.
  std::string_view header(std::string_view name) const;
  // The next piece of the body; empty: that was all. It lives until the next call. After upstream_timeout another call
  // goes on waiting; after any other error there is nothing more.
  Task<Result<std::string_view>> next(MonoTime deadline);

 private:
  Task<Result<void>> connect(MonoTime deadline);
  Task<Result<void>> receive_head(codec::Method method, MonoTime deadline);

  UpstreamPool& pool_;
  std::unique_ptr<UpstreamConnection> connection_;
  codec::ResponseHead head_;
  std::string head_bytes_;  // what head_'s slices refer to
  codec::BodyDecoder body_;
  std::string piece_;
  bool ended_ = false;
};

}  // namespace tollgate::http
