#include "telemetry/log_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <type_traits>

#include "base/str.h"
#include "codec/json/writer.h"

namespace tollgate::telemetry {

namespace {

// At most kMaxLogValueBytes, ending between two characters, with a sign that something is missing.
std::string cut(std::string_view text) {
  if (text.size() <= kMaxLogValueBytes) return std::string(text);
  std::size_t end = kMaxLogValueBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return str::cat(text.substr(0, end), "…");
}

std::string pretty_text(std::string_view text) {
  const bool plain =
      !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '='; });
  if (plain) return std::string(text);
  std::string quoted;
  codec::append_json_string(quoted, text);
  return quoted;
}

}  // namespace

std::string_view level_name(Level level) {
  switch (level) {
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::warn: return "warn";
    case Level::error: return "error";
  }
  return "error";
}

std::string format_json_line(const LogLine& line) {
  std::string out;
  codec::JsonWriter json(out);
  json.begin_object();
  json.member("time", line.time).member("level", level_name(line.level));
  json.member("service", line.service).member("event", line.event);
  for (const LogField& field : line.fields) {
    json.key(field.name);
    std::visit(
        [&json](const auto& value) {
          if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>) {
            json.value(cut(value));
          } else {
            json.value(value);
          }
        },
        field.value);
  }
  json.end_object();
  return out;
}

std::string format_pretty_line(const LogLine& line) {
  std::string level(level_name(line.level));
  std::ranges::transform(level, level.begin(), [](char c) { return static_cast<char>(c - 32); });
  const std::string time = format_rfc3339(line.time);
  std::string out =
      fmt::format("{} {:<5} {:<10} {}", std::string_view(time).substr(11, 12), level, line.service, line.event);
  for (const LogField& field : line.fields) {
    fmt::format_to(std::back_inserter(out), "  {}=", field.name);
    std::visit(
        [&out](const auto& value) {
          if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>) {
            out += pretty_text(cut(value));
          } else {
            fmt::format_to(std::back_inserter(out), "{}", value);
          }
        },
        field.value);
  }
  return out;
}

}  // namespace tollgate::telemetry
