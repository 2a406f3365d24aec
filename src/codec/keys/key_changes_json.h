// KeyChanges as JSON, whole and exact: micro-tokens and nanoseconds as integers, hashes in hexadecimal.
// It carries secrets' hashes: for services with the service token only.
//
// Pure. Thread safety: any.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "core/policy/key_changes.h"

namespace tollgate::codec {

// A page of 1,000 keys is about 400 KB.
inline constexpr std::size_t kKeyChangesBytesMax = 16u << 20;

std::string encode_key_changes(const core::KeyChanges& changes);
// invalid_document, with a pointer, for anything that encode_key_changes cannot have written.
Result<core::KeyChanges> decode_key_changes(std::string_view text);

}  // namespace tollgate::codec
