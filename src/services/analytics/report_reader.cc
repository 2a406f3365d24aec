#include "services/analytics/report_reader.h"

#include <map>
#include <utility>

#include "core/usage/key_number.h"
#include "services/analytics/query_text.h"

namespace tollgate::services {

using ports::ReportEntry;
using ports::ReportPart;
using ports::ReportQuery;

Result<ReportReader> ReportReader::begin(ports::UsageQueries& usage, ReportQuery query,
                                         const std::optional<std::string>& after) {
  if (after && query.by == ReportQuery::By::key) {
    // "none", which is no key, comes before them all.
    const auto key = core::KeyId::parse(*after);
    if (!key && *after != "none") return bad_parameter("cursor", "is no nextCursor of a report by key");
    query.first_key = (key ? core::key_number(*key) : 0) + 1;
  }
  return ReportReader(usage, query, after);
}

Result<std::vector<ReportEntry>> ReportReader::next() {
  if (at_end_) return std::vector<ReportEntry>{};
  return query_.by == ReportQuery::By::key ? next_keys() : all_names();
}

Result<std::vector<ReportEntry>> ReportReader::next_keys() {
  while (!at_end_) {
    TG_TRY(ReportPart part, usage_->report(query_));
    at_end_ = !part.next_key;
    query_.first_key = part.next_key.value_or(0);
    if (!part.entries.empty()) return std::move(part.entries);
  }
  return std::vector<ReportEntry>{};
}

// A name may have entries in each part, so that all are read first.
Result<std::vector<ReportEntry>> ReportReader::all_names() {
  std::map<std::string, ports::UsageCounts> sums;
  while (!at_end_) {
    TG_TRY(const ReportPart part, usage_->report(query_));
    for (const ReportEntry& entry : part.entries) sums[entry.name] += entry.counts;
    at_end_ = !part.next_key;
    query_.first_key = part.next_key.value_or(0);
  }
  std::vector<ReportEntry> entries;
  for (auto at = after_ ? sums.upper_bound(*after_) : sums.begin(); at != sums.end(); ++at) {
    entries.push_back({at->first, at->second});
  }
  return entries;
}

Result<ports::UsageCounts> report_total(ports::UsageQueries& usage, ReportQuery query) {
  query.by = ReportQuery::By::tier;  // of which there are few
  query.first_key = 0;
  TG_TRY(const ReportPart part, usage.report(query));
  ports::UsageCounts total;
  for (const ReportEntry& entry : part.entries) total += entry.counts;
  return total;
}

}  // namespace tollgate::services
