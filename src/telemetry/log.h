// Operator's log: one JSON object a line on stderr, {"time","level","service","event",…}. Never on the request path.
//
// Thread safety: all functions from any thread. Values are escaped (control characters, U+2028, invalid UTF-8) and cut
// at 1 KiB.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/error.h"

namespace tollgate::telemetry {

enum class Level : std::uint8_t { debug, info, warn, error };

using LogValue = std::variant<std::string, std::int64_t, std::uint64_t, double, bool>;
struct LogField {
  std::string_view name;
  LogValue value;
};

// Nothing below `level` is written. `pretty` writes aligned text for people instead of JSON (a terminal).
void configure_log(Level level, bool pretty);
// "info" → Level::info; nothing for other words.
std::optional<Level> parse_level(std::string_view text);

// `event` is a short, stable phrase; what varies goes into fields. `service` names which of the five speaks.
void log(Level level, std::string_view service, std::string_view event, std::initializer_list<LogField> fields = {});
void log_error(std::string_view service, std::string_view event, const Error& error);

}  // namespace tollgate::telemetry
