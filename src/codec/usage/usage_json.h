// The analytics API's answers: totals, one key's usage, time series, latencies, busiest names.
//
// Answers about a range say what they cover ("from", "to", and "keptFrom" where not all of it is kept), whether all of
// their figures are "exact", and if not, the relative "error" of those that are not.
//
// write_…() adds one JSON value. parse_…() takes a whole answer; members it does not know are ignored, because a newer
// analytics may say more; a missing or mistyped one is invalid_document. Latencies are milliseconds, times RFC 3339.
// Pure. Thread safety: any.
#pragma once

#include <optional>
#include <span>
#include <string>
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
// Points have these metrics; latency as p50Ms, p90Ms and p99Ms.
void write_time_series(JsonWriter& json, const ports::SeriesAnswer& answer, const ports::MetricSet& metrics);
void write_latency(JsonWriter& json, const ports::LatencyAnswer& answer, std::span<const double> quantiles);
// {"data": an array as below, …}.
void write_top(JsonWriter& json, const ports::TopAnswer& answer);
// An array; of {name, requests, …}.
void write_top_entries(JsonWriter& json, const std::vector<ports::TopEntry>& entries);
// A page of a report: {"by": …, "data": [{name, requests, …}], "total": of all pages, "nextCursor"}.
struct ReportPage {
  const ports::ReportQuery& query;
  std::span<const ports::ReportEntry> entries;
  ports::UsageCounts total;
  std::optional<std::string> next_cursor;
};
void write_report(JsonWriter& json, const ReportPage& page);
// The same as rows of a table, with a head, and in the end the sum of what was written.
void append_report_head(std::string& csv);
void append_report_row(std::string& csv, std::string_view kind, const ports::ReportEntry& entry);
std::string_view name_of(ports::ReportQuery::By by);
// An array; of {time, requests, …}.
void write_recent(JsonWriter& json, const std::vector<ports::RecentMinute>& minutes);

Result<ports::SystemStats> parse_system_stats(std::string_view text);
Result<ports::KeyUsage> parse_key_usage(std::string_view text);
// Metrics that points do not have are 0.
Result<ports::SeriesAnswer> parse_time_series(std::string_view text);
Result<ports::TopAnswer> parse_top(std::string_view text);

}  // namespace tollgate::codec
