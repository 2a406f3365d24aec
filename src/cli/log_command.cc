#include <algorithm>
#include <cstdio>

#include "base/clock.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/log_files.h"
#include "codec/json/writer.h"
#include "codec/usage/request_json.h"

namespace tollgate::cli {
namespace {

constexpr std::size_t kOutputBytes = 256u << 10;

int report(const Error& error) {
  std::fprintf(stderr, "tollgate log: %s\n", error.detail().c_str());
  return 1;
}

std::string time_text(std::int64_t time_ns) {
  return format_rfc3339(WallTime(Nanos(time_ns)));
}

// "1 file", "2 files"
std::string counted(std::uint64_t count, std::string_view what) {
  return str::cat(count, " ", what, count == 1 ? "" : "s");
}

struct Totals {
  std::uint64_t files = 0, bytes = 0, records = 0, damaged = 0, unreadable = 0;
  std::optional<std::int64_t> oldest_ns, newest_ns;

  void add(const LogFileReport& file) {
    ++files;
    bytes += file.bytes;
    records += file.records;
    damaged += file.damage.size();
    if (!file.oldest_ns) return;
    oldest_ns = std::min(oldest_ns.value_or(*file.oldest_ns), *file.oldest_ns);
    newest_ns = std::max(newest_ns.value_or(*file.newest_ns), *file.newest_ns);
  }
};

void print_damage(const LogFileReport& file) {
  for (const LogDamage& damage : file.damage) {
    std::printf("%s: byte %llu, %s: %s\n", file.path.c_str(), static_cast<unsigned long long>(damage.offset),
                counted(damage.bytes, "byte").c_str(), damage.what.c_str());
  }
  if (file.torn_bytes > 0) {
    std::printf("%s: %s at the end are of a write that was interrupted; no damage\n", file.path.c_str(),
                counted(file.torn_bytes, "byte").c_str());
  }
}

void print_row(const std::string& name, std::string_view kind, const Totals& totals) {
  const double each = totals.records == 0 ? 0 : static_cast<double>(totals.bytes) / static_cast<double>(totals.records);
  std::printf("%-12s %12llu %14llu %8.1f  %-24s  %-24s  %s\n", std::string(kind).c_str(),
              static_cast<unsigned long long>(totals.records), static_cast<unsigned long long>(totals.bytes), each,
              totals.oldest_ns ? time_text(*totals.oldest_ns).c_str() : "-",
              totals.newest_ns ? time_text(*totals.newest_ns).c_str() : "-", name.c_str());
}

// Every file, whether or not those before could be read. 1: one could not.
template <class PerFile>
int each_file(const std::string& path, const LogVisitor& visit, PerFile per_file) {
  const auto files = find_log_files(path);
  if (!files) return report(files.error());
  int exit_code = 0;
  for (const std::string& file : *files) {
    const auto read = read_log_file(file, visit);
    if (read) {
      per_file(*read);
    } else {
      exit_code = report(read.error());
    }
  }
  return exit_code;
}

}  // namespace

int verify_log(const std::string& path) {
  Totals all;
  const int exit_code = each_file(path, {}, [&](const LogFileReport& file) {
    all.add(file);
    print_damage(file);
  });
  if (all.files > 0) {
    std::printf("%s, %s, %s\n", counted(all.files, "file").c_str(), counted(all.records, "record").c_str(),
                all.damaged == 0 ? "nothing damaged" : counted(all.damaged, "damaged place").c_str());
  }
  return all.damaged > 0 ? 1 : exit_code;
}

int print_log(const std::string& path) {
  std::string text;
  const auto flush = [&] {
    std::fwrite(text.data(), 1, text.size(), stdout);
    text.clear();
  };
  const auto print = [&](const core::LoggedRecord& one, const ports::NameDirectory& names) {
    codec::JsonWriter json(text);
    json.begin_object();
    codec::write_request_members(json, one, names);
    json.end_object();
    text.push_back('\n');
    if (text.size() >= kOutputBytes) flush();
  };
  const int exit_code = each_file(path, print, [](const LogFileReport&) {});
  flush();
  return exit_code;
}

int count_log(const std::string& path) {
  std::printf("%-12s %12s %14s %8s  %-24s  %-24s  %s\n", "kind", "records", "bytes", "each", "oldest", "newest",
              "file");
  Totals all;
  const int exit_code = each_file(path, {}, [&](const LogFileReport& file) {
    Totals one;
    one.add(file);
    all.add(file);
    print_row(file.path, file.kind, one);
  });
  if (all.files > 0) print_row(counted(all.files, "file"), "all", all);
  return exit_code;
}

}  // namespace tollgate::cli
