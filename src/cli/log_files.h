// The log's files in a data directory: the gateway's segments and analytics' requests, looked at from outside.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/usage/record_filter.h"
#include "ports/names.h"

namespace tollgate::cli {

struct LogDamage {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::string what;
};

// What one file has.
struct LogFileReport {
  std::string path;
  std::string_view kind;  // "segment", "open", "sealed"
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;
  std::optional<std::int64_t> oldest_ns, newest_ns;
  std::vector<LogDamage> damage;
  std::uint64_t torn_bytes = 0;  // at its end, of a write that was interrupted: nothing that anybody was told is kept

  void add(const core::DecisionRecord& record);
};

// `path` is a file of the log, or a directory that has some itself or in log/ or requests/. In the order in which they
// were written. Errors: config_invalid when there are none.
Result<std::vector<std::string>> find_log_files(const std::string& path);

// With the names that the file gives for the record's references.
using LogVisitor = std::function<void(const core::LoggedRecord&, const ports::NameDirectory&)>;
// Reads the file from end to end and changes nothing. Errors: io_failed.
Result<LogFileReport> read_log_file(const std::string& path, const LogVisitor& visit);

}  // namespace tollgate::cli
