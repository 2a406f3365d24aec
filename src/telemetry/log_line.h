// The text of one log line. Pure: what log.h writes, without the writing. Thread safety: pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "telemetry/log.h"

namespace tollgate::telemetry {

inline constexpr std::size_t kMaxLogValueBytes = 1024;

struct LogLine {
  WallTime time{};
  Level level = Level::info;
  std::string_view service;
  std::string_view event;
  std::span<const LogField> fields;
};

// {"time":"2026-09-21T14:13:20.123Z","level":"info","service":"gateway","event":"listening","port":3000}
std::string format_json_line(const LogLine& line);
// 14:13:20.123 INFO  gateway    listening  port=3000
std::string format_pretty_line(const LogLine& line);

std::string_view level_name(Level level);

}  // namespace tollgate::telemetry
