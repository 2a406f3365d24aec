// Single requests of the log, as the analytics API shows them: JSON objects and rows of CSV.
//
// Pure, but for names, which come from a directory. Thread safety: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json/writer.h"
#include "core/usage/limit_list.h"
#include "core/usage/record_filter.h"
#include "ports/names.h"

namespace tollgate::codec {

std::string_view outcome_name(core::Outcome outcome);  // "allowed", "limited", …
std::optional<core::Outcome> parse_outcome(std::string_view name);

// One limit of a decision: what it had before and after, whole tokens.
struct LimitLevels {
  std::string name;
  core::LimitScope scope;  // what it counts by
  std::uint64_t before = 0;
  std::uint64_t after = 0;
  bool exact = true;  // else rounded down, by less than 0.025 %
  bool refused = false;
};
std::vector<LimitLevels> limit_levels(const core::DecisionRecord& record, const ports::NameDirectory& names);

// The members of a request, into an object that is open.
void write_request_members(JsonWriter& json, const core::LoggedRecord& logged, const ports::NameDirectory& names);

// With the end of line.
void append_csv_header(std::string& out);
void append_csv_row(std::string& out, const core::LoggedRecord& logged, const ports::NameDirectory& names);

}  // namespace tollgate::codec
