// A usage report's entries in order of name, whatever its parts are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ports/usage_store.h"

namespace tollgate::services {

// Blocking. Thread safety: one thread at a time.
class ReportReader {
 public:
  // Of entries whose name comes after `after`, if there is one: nextCursor of the page before.
  static Result<ReportReader> begin(ports::UsageQueries& usage, ports::ReportQuery query,
                                    const std::optional<std::string>& after);

  // Further entries; none at the end.
  Result<std::vector<ports::ReportEntry>> next();

 private:
  ReportReader(ports::UsageQueries& usage, ports::ReportQuery query, std::optional<std::string> after)
      : usage_(&usage), query_(query), after_(std::move(after)) {}
  Result<std::vector<ports::ReportEntry>> next_keys();
  Result<std::vector<ports::ReportEntry>> all_names();

  ports::UsageQueries* usage_;
  ports::ReportQuery query_;
  std::optional<std::string> after_;  // of names that are no keys
  bool at_end_ = false;
};

// Of everybody in the report's range.
Result<ports::UsageCounts> report_total(ports::UsageQueries& usage, ports::ReportQuery query);

}  // namespace tollgate::services
