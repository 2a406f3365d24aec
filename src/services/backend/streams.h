// The backend's endpoints that stream. Memory stays flat whatever the length.
#pragma once

#include "http/request.h"

namespace tollgate::services {

inline constexpr std::uint64_t kMaxBytes = 16ull << 30;

// GET /api/bytes?n=: "0123456789abcdef…" of exactly that length, with Content-Length.
Task<void> send_bytes(http::Request& request);

// GET /api/stream?events=5&intervalMs=100: "id: 1\ndata: {"event":1}\n\n" …, then the end.
Task<void> send_events(http::Request& request);

// Counts a body of any length, answers {"bytes":N}.
Task<void> count_upload(http::Exchange& exchange);

}  // namespace tollgate::services
