#include "cli/log_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <variant>

#include "base/io.h"
#include "base/str.h"
#include "stores/archive/inspection.h"
#include "stores/segments/segment_reader.h"
#include "stores/segments/segment_set.h"

namespace tollgate::cli {
namespace {

constexpr std::string_view kSegment = ".tgs";
constexpr std::string_view kOpen = ".tgo";
constexpr std::string_view kSealed = ".tga";

bool is_log_file(const std::string& path) {
  return path.ends_with(kSegment) || path.ends_with(kOpen) || path.ends_with(kSealed);
}

void add_files_in(const std::string& directory, std::vector<std::string>& files) {
  std::error_code error;
  std::vector<std::string> found;
  for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    if (is_log_file(at->path().string())) found.push_back(at->path().string());
  }
  std::ranges::sort(found);
  files.insert(files.end(), found.begin(), found.end());
}

Result<LogFileReport> read_archive_file(const std::string& path, const LogVisitor& visit) {
  const auto pass_on = [&](const core::LoggedRecord& one, const stores::ArchiveNames& names) {
    if (visit) visit(one, names);
  };
  TG_TRY(stores::ArchiveInspection found, stores::inspect_archive_file(system_io(), path, pass_on));
  LogFileReport report{.path = path,
                       .kind = path.ends_with(kOpen) ? "open" : "sealed",
                       .bytes = found.bytes,
                       .records = found.records,
                       .oldest_ns = found.oldest_ns,
                       .newest_ns = found.newest_ns,
                       .torn_bytes = found.torn_bytes};
  for (stores::ArchiveFinding& one : found.damage)
    report.damage.push_back({one.offset, one.bytes, std::move(one.what)});
  return report;
}

// A segment's names stand before the records that use them, as in the archive's files.
Result<LogFileReport> read_segment(const std::string& path, const LogVisitor& visit) {
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(path, error);
  if (error) return fail(codes::io_failed, str::cat("cannot read ", path, ": ", error.message()));
  LogFileReport report{.path = path, .kind = "segment", .bytes = size};
  TG_TRY(stores::SegmentReader reader, stores::SegmentReader::open(system_io(), path));
  stores::ArchiveNames names;
  reader.seek(stores::kSegmentHeaderBytes);
  while (true) {
    TG_TRY(const stores::SegmentReader::Item item, reader.next(size));
    if (std::holds_alternative<stores::SegmentReader::End>(item)) break;
    if (const auto* damage = std::get_if<stores::SegmentReader::Damage>(&item)) {
      report.damage.push_back({damage->offset, damage->bytes, "no frame is sound here"});
    } else if (const auto* record = std::get_if<const core::LoggedRecord*>(&item)) {
      report.add((*record)->record);
      if (visit) visit(**record, names);
    } else if (const auto* name = std::get_if<core::NameDefinition>(&std::get<core::Frame>(item))) {
      names.add(*name);
    }
  }
  if (!report.damage.empty() && report.damage.back().offset + report.damage.back().bytes == size) {
    report.torn_bytes = report.damage.back().bytes;
    report.damage.pop_back();
  }
  return report;
}

}  // namespace

void LogFileReport::add(const core::DecisionRecord& record) {
  ++records;
  oldest_ns = std::min(oldest_ns.value_or(record.time_ns), record.time_ns);
  newest_ns = std::max(newest_ns.value_or(record.time_ns), record.time_ns);
}

Result<std::vector<std::string>> find_log_files(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(path, ignored) && is_log_file(path)) return std::vector{path};
  std::vector<std::string> files;
  for (const char* folder : {"", "/log", "/requests"}) add_files_in(path + folder, files);
  if (!files.empty()) return files;
  return fail(codes::config_invalid, str::cat("there are no files of the log in ", path,
                                              "; a data directory has them in log/ (.tgs) and requests/ (.tgo, .tga)"));
}

Result<LogFileReport> read_log_file(const std::string& path, const LogVisitor& visit) {
  return path.ends_with(kSegment) ? read_segment(path, visit) : read_archive_file(path, visit);
}

}  // namespace tollgate::cli
