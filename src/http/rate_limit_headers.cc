#include "http/rate_limit_headers.h"

#include <algorithm>

#include "base/str.h"
#include "base/text_cursor.h"
#include "base/wide.h"

namespace tollgate::http {
namespace {

// Compares remaining ÷ quota without dividing.
bool has_smaller_share(const RateLimitItem& a, const RateLimitItem& b) {
  return static_cast<UInt128>(a.remaining) * b.quota < static_cast<UInt128>(b.remaining) * a.quota;
}

}  // namespace

std::uint64_t seconds_rounded_up(Nanos duration) {
  if (duration <= Nanos{0}) return 0;
  return static_cast<std::uint64_t>((duration.count() - 1) / 1'000'000'000 + 1);
}

void append_rate_limit_lines(std::string& out, std::span<const RateLimitItem> items) {
  if (items.empty()) return;
  std::size_t bound = 160 + 3 * TextCursor::kNumberBytes;
  for (const RateLimitItem& item : items) bound += 2 * item.name.size() + 32 + 4 * TextCursor::kNumberBytes;
  append_text(out, bound, [&](TextCursor& text) {
    std::string_view separator = "RateLimit-Policy: \"";
    for (const RateLimitItem& item : items) {
      text.put(separator).put(item.name).put("\";q=").put_number(item.quota).put(";w=").put_number(item.window_seconds);
      separator = ", \"";
    }
    separator = "\r\nRateLimit: \"";
    for (const RateLimitItem& item : items) {
      text.put(separator)
          .put(item.name)
          .put("\";r=")
          .put_number(item.remaining)
          .put(";t=")
          .put_number(seconds_rounded_up(item.reset));
      separator = ", \"";
    }
    const RateLimitItem& tightest = *std::min_element(items.begin(), items.end(), has_smaller_share);
    text.put("\r\nX-RateLimit-Limit: ").put_number(tightest.quota);
    text.put("\r\nX-RateLimit-Remaining: ").put_number(tightest.remaining);
    text.put("\r\nX-RateLimit-Reset: ").put_number(seconds_rounded_up(tightest.reset)).put("\r\n");
  });
}

bool is_rate_limit_field(std::string_view name) {
  constexpr std::string_view kDraft = "ratelimit";
  constexpr std::string_view kOlder = "x-ratelimit-";
  if (str::iequals(name.substr(0, kOlder.size()), kOlder)) return true;
  const std::string_view rest = name.substr(std::min(name.size(), kDraft.size()));
  return str::iequals(name.substr(0, kDraft.size()), kDraft) && (rest.empty() || rest.starts_with('-'));
}

void append_retry_after_line(std::string& out, Nanos wait) {
  append_text(out, 16 + TextCursor::kNumberBytes, [&](TextCursor& text) {
    text.put("Retry-After: ").put_number(std::max<std::uint64_t>(1, seconds_rounded_up(wait))).put("\r\n");
  });
}

}  // namespace tollgate::http
