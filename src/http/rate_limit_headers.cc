#include "http/rate_limit_headers.h"

#include <algorithm>

#include "base/str.h"
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
  std::string_view separator = "RateLimit-Policy: ";
  for (const RateLimitItem& item : items) {
    str::append(out, separator, '"', item.name, "\";q=", item.quota, ";w=", item.window_seconds);
    separator = ", ";
  }
  separator = "\r\nRateLimit: ";
  for (const RateLimitItem& item : items) {
    str::append(out, separator, '"', item.name, "\";r=", item.remaining, ";t=", seconds_rounded_up(item.reset));
    separator = ", ";
  }
  const RateLimitItem& tightest = *std::min_element(items.begin(), items.end(), has_smaller_share);
  str::append(out, "\r\nX-RateLimit-Limit: ", tightest.quota, "\r\nX-RateLimit-Remaining: ", tightest.remaining,
              "\r\nX-RateLimit-Reset: ", seconds_rounded_up(tightest.reset), "\r\n");
}

void append_retry_after_line(std::string& out, Nanos wait) {
  str::append(out, "Retry-After: ", std::max<std::uint64_t>(1, seconds_rounded_up(wait)), "\r\n");
}

}  // namespace tollgate::http
