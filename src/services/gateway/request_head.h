// The head of the request that goes to the upstream: the client's fields, less what is ours or this hop's, plus ours.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip.h"
#include "codec/http1/head.h"

namespace tollgate::services {

struct ForwardedHead {
  const codec::RequestHead& head;
  std::string_view bytes;  // what head's slices refer to
  std::string_view path;   // in normal form
  const IpAddress& peer;
  const IpAddress& client;
  bool peer_is_trusted = false;  // its X-Forwarded-For, -Proto and -Host are kept
  std::string_view via;          // our pseudonym
  std::string_view key_id;       // of the caller; empty: none
  std::uint64_t request_id = 0;
  // The body's framing on the way out: a length, or chunked; neither when there is no body.
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
};

// Appends the whole head, final empty line included. No allocation but the string's own.
void append_forwarded_head(std::string& out, const ForwardedHead& forwarded);

// How often our own pseudonym stands in the request's Via fields: a loop, when more than once or twice.
std::size_t count_own_via(const codec::RequestHead& head, std::string_view bytes, std::string_view pseudonym);

}  // namespace tollgate::services
