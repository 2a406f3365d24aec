#include "base/clock.h"

#include <time.h>

#include <cstdio>

#include "base/str.h"

namespace tollgate {
namespace {

Nanos read_clock(clockid_t id) noexcept {
  timespec ts{};
  ::clock_gettime(id, &ts);
  return Nanos(static_cast<std::int64_t>(ts.tv_sec) * 1'000'000'000 + ts.tv_nsec);
}

// Whole years that fit into 64 bits of nanoseconds around 1970.
constexpr int kMinYear = 1678;
constexpr int kMaxYear = 2261;

}  // namespace

MonoTime SystemClock::mono_now() const noexcept {
  return MonoTime(read_clock(CLOCK_MONOTONIC));
}
WallTime SystemClock::wall_now() const noexcept {
  return WallTime(read_clock(CLOCK_REALTIME));
}

std::string format_rfc3339(WallTime time) {
  const auto millis = std::chrono::floor<Millis>(time);
  const auto days = std::chrono::floor<std::chrono::days>(millis);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss<Millis> clock(millis - days);
  char text[48];
  const int size =
      std::snprintf(text, sizeof(text), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                    static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return std::string(text, static_cast<std::size_t>(size));
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  const auto number = [&](std::size_t at, std::size_t digits) -> std::optional<int> {
    if (at + digits > text.size()) return std::nullopt;
    // Digits only: a signed type would take "-1" for two of them.
    const auto value = str::parse_int<unsigned>(text.substr(at, digits));
    return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
  };
  const auto is = [&](std::size_t at, char c) { return at < text.size() && str::lower(text[at]) == c; };
  const auto year = number(0, 4), month = number(5, 2), day = number(8, 2), hour = number(11, 2),
             minute = number(14, 2), second = number(17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  if (!is(4, '-') || !is(7, '-') || !is(10, 't') || !is(13, ':') || !is(16, ':')) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  if (*year < kMinYear || *year > kMaxYear) return std::nullopt;
  std::size_t at = 19;
  Nanos fraction{0};
  if (is(at, '.')) {
    std::int64_t unit = 100'000'000;
    const std::size_t first = ++at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10)
      fraction += Nanos((text[at] - '0') * unit);
    if (at == first) return std::nullopt;
  }
  std::chrono::minutes offset{0};
  if (is(at, 'z')) {
    ++at;
  } else if (is(at, '+') || is(at, '-')) {
    const auto hours = number(at + 1, 2), minutes = number(at + 4, 2);
    if (!hours || !minutes || !is(at + 3, ':') || *hours > 23 || *minutes > 59) return std::nullopt;
    offset = std::chrono::minutes(*hours * 60 + *minutes) * (text[at] == '-' ? -1 : 1);
    at += 6;
  } else {
    return std::nullopt;
  }
  if (at != text.size()) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         Seconds(*second) + fraction - offset;
}

}  // namespace tollgate
