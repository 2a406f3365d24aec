// Events that other programs report: one JSON object, an array of them, or one object a line (NDJSON).
//
// {"id", "apiKey" or "keyId", "consumer", "endpoint" or "route", "method", "statusCode", "responseTimeMs",
// "rateLimited",
//  "tier", "timestamp", "bytesIn", "bytesOut", "cost", "clientIp"}: only statusCode is needed. A key's secret is not
//  kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "core/usage/decision_record.h"
#include "core/usage/names.h"

namespace tollgate::services {

struct ReportedEvents {
  std::vector<core::DecisionRecord> records;    // without sequence
  std::vector<std::optional<std::string>> ids;  // what the reporter calls each
  std::vector<core::NameDefinition> names;
};

inline constexpr std::size_t kMaxReportedEvents = 4'096;

struct EventText {
  std::string_view body;
  bool ndjson = false;
};

// All of them or none: invalid_document names each fault by the event's index, "/3/statusCode". An event without a time
// is of `now`.
Result<ReportedEvents> read_events(const EventText& text, WallTime now);

}  // namespace tollgate::services
