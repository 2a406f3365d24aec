#include "telemetry/process_usage.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/str.h"

namespace tollgate::telemetry {

namespace {

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::uint64_t number_at(const std::vector<std::string_view>& words, std::size_t index) {
  return index < words.size() ? str::parse_int<std::uint64_t>(words[index]).value_or(0) : 0;
}

// /proc/self/stat gives the start in ticks after boot, /proc/stat the boot in seconds.
WallTime read_start_time() {
  const std::string stat = read_file("/proc/self/stat").value_or("");
  const std::string machine = read_file("/proc/stat").value_or("");
  // The second field is the program's name in parentheses and may hold spaces; the start is the 20th after it.
  const std::vector<std::string_view> words =
      words_of(std::string_view(stat).substr(std::min(stat.rfind(')'), stat.size())));
  const std::size_t boot = machine.find("btime ");
  if (boot == std::string::npos) return {};
  const std::uint64_t boot_seconds = number_at(words_of(std::string_view(machine).substr(boot)), 1);
  const double after_boot = static_cast<double>(number_at(words, 20)) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  return WallTime(Seconds(boot_seconds)) + Nanos(static_cast<std::int64_t>(after_boot * 1e9));
}

std::uint64_t count_descriptors() {
  std::error_code error;
  std::uint64_t count = 0;
  for (auto entry = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    ++count;
  }
  return count > 0 ? count - 1 : 0;  // one of them is the listing itself
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

ProcessUsage process_usage() {
  static const WallTime started = read_start_time();
  ProcessUsage usage{.open_descriptors = count_descriptors(), .started = started};
  const std::string statm = read_file("/proc/self/statm").value_or("");
  const std::vector<std::string_view> pages = words_of(statm);
  const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  usage.virtual_bytes = number_at(pages, 0) * page_bytes;
  usage.resident_bytes = number_at(pages, 1) * page_bytes;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) usage.max_descriptors = limit.rlim_cur;
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) == 0) usage.cpu_seconds = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
  return usage;
}

}  // namespace tollgate::telemetry
