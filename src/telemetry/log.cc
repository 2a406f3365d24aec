#include "telemetry/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <atomic>
#include <memory>

#include "base/clock.h"
#include "base/str.h"
#include "telemetry/log_line.h"

namespace tollgate::telemetry {

namespace {

struct Setting {
  std::atomic<Level> level{Level::info};
  std::atomic<bool> pretty{false};
};
Setting& setting() {
  static Setting value;
  return value;
}

// Never destroyed: threads may log until the process is gone.
spdlog::logger& stderr_logger() {
  static spdlog::logger* const logger = [] {
    auto* made = new spdlog::logger("tollgate", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);  // the choice is made before a line is formatted
    made->flush_on(spdlog::level::trace);
    made->set_error_handler([](const std::string&) {});  // nowhere to tell that stderr cannot be written
    return made;
  }();
  return *logger;
}

std::string describe_fields(const Error& error) {
  std::string text;
  for (const FieldError& field : error.fields()) {
    if (!text.empty()) text += "; ";
    str::append(text, field.pointer, ": ", field.detail);
  }
  return text;
}

}  // namespace

void configure_log(Level level, bool pretty) {
  setting().level.store(level, std::memory_order_relaxed);
  setting().pretty.store(pretty, std::memory_order_relaxed);
}

std::optional<Level> parse_level(std::string_view text) {
  for (const Level level : {Level::debug, Level::info, Level::warn, Level::error}) {
    if (text == level_name(level)) return level;
  }
  return std::nullopt;
}

void log(Level level, std::string_view service, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < setting().level.load(std::memory_order_relaxed)) return;
  const LogLine line{.time = SystemClock().wall_now(),
                     .level = level,
                     .service = service,
                     .event = event,
                     .fields = {fields.begin(), fields.size()}};
  const bool pretty = setting().pretty.load(std::memory_order_relaxed);
  const std::string text = pretty ? format_pretty_line(line) : format_json_line(line);
  stderr_logger().log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
}

void log_error(std::string_view service, std::string_view event, const Error& error) {
  if (error.fields().empty()) {
    log(Level::error, service, event, {{"code", std::string(error.code().name)}, {"detail", error.detail()}});
  } else {
    log(Level::error, service, event,
        {{"code", std::string(error.code().name)}, {"detail", error.detail()}, {"faults", describe_fields(error)}});
  }
}

}  // namespace tollgate::telemetry
