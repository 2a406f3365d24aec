#include "http/date.h"

#include <cstdio>
#include <iterator>

namespace tollgate::http {

std::string_view http_date(WallTime now) {
  thread_local std::int64_t cached_second = -1;
  thread_local char text[40];
  thread_local std::size_t length = 0;
  const auto second = std::chrono::floor<Seconds>(now);
  if (second.time_since_epoch().count() == cached_second) return {text, length};
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<Seconds> clock(second - day);
  const int written = std::snprintf(text, sizeof(text), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                                    kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                                    kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                                    static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                                    static_cast<int>(clock.seconds().count()));
  length = static_cast<std::size_t>(written);
  cached_second = second.time_since_epoch().count();
  return {text, length};
}

}  // namespace tollgate::http
