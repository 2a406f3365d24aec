// What endpoints take from a request besides their own documents.
// Thread safety: pure.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "codec/json/value.h"
#include "http/request.h"

namespace tollgate::services {

// The body as JSON. unsupported_media_type unless it is declared as JSON (or, for PATCH, a merge patch);
// invalid_document when it is none. Without a body: an empty object.
Result<codec::JsonValue> json_body(const http::Request& request);

// invalid_parameter, with the nearest known name, for a query parameter that is not in the list.
Result<void> expect_parameters(const http::Request& request, std::initializer_list<std::string_view> known);
// ?limit=, 1 … 1000; 100 when absent.
Result<std::size_t> page_size(const http::Request& request);

// The ETag of a revision: "42" in quotes.
std::string etag(std::uint64_t revision);
// The revision that If-Match asks for; nothing when the field is absent or "*". An ETag that no resource of ours can
// have is precondition_failed: it certainly does not match.
Result<std::optional<std::uint64_t>> if_match(const http::Request& request);

}  // namespace tollgate::services
