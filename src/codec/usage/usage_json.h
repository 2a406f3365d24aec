// The analytics API's answers: totals, one key's usage, time series, busiest names.
//
// write_…() adds one JSON value. parse_…() takes a whole answer; members it does not know are ignored, because a newer
// analytics may say more; a missing or mistyped one is invalid_document. Latencies are milliseconds, times RFC 3339.
// Pure. Thread safety: any.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "codec/json/writer.h"
#include "ports/decision_log.h"
#include "ports/usage_store.h"

namespace tollgate::codec {

// `log` is a member of the same name; without counters it is left out.
void write_system_stats(JsonWriter& json, const ports::SystemStats& stats,
                        const std::optional<ports::LogCounters>& log);
void write_key_usage(JsonWriter& json, core::KeyId key, const ports::KeyUsage& usage);
void write_time_series(JsonWriter& json, const ports::SeriesQuery& query, const std::vector<ports::Series>& series);
// An array; of {name, requests, …}.
void write_top(JsonWriter& json, const std::vector<ports::TopEntry>& entries);
// An array; of {time, requests, …}.
void write_recent(JsonWriter& json, const std::vector<ports::RecentMinute>& minutes);

Result<ports::SystemStats> parse_system_stats(std::string_view text);
Result<ports::KeyUsage> parse_key_usage(std::string_view text);
Result<std::vector<ports::Series>> parse_time_series(std::string_view text);
// {"data": what write_top() wrote}.
Result<std::vector<ports::TopEntry>> parse_top(std::string_view text);

}  // namespace tollgate::codec
