// What the process that admin runs in knows of itself: for the dashboard's page about the system.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tollgate::services {

struct StoreFacts {
  std::string name;             // "usage"
  std::string kind;             // "sqlite"
  std::string mode = "normal";  // or "degraded": it does its work without something
  std::string detail;           // of a degraded one, in words
  std::optional<std::uint64_t> bytes, free_bytes, max_bytes;
  std::optional<std::uint64_t> items;                     // keys, records, buckets
  std::vector<std::pair<std::string, std::string>> kept;  // "minutes" → "400d"
};

struct SystemFacts {
  std::string data_dir;
  std::uint64_t disk_bytes = 0, disk_free_bytes = 0;  // of the file system that has it
  unsigned workers = 0;
  std::vector<StoreFacts> stores;
};

}  // namespace tollgate::services
