// One file of the archive, read from end to end by itself: for people who look at files without a running analytics.
// Nothing is changed. Thread safety: any.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/io.h"
#include "core/usage/record_filter.h"
#include "stores/archive/archive_names.h"

namespace tollgate::stores {

struct ArchiveFinding {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::string what;
};

struct ArchiveInspection {
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;
  std::optional<std::int64_t> oldest_ns, newest_ns;
  std::vector<ArchiveFinding> damage;
  std::uint64_t torn_bytes = 0;  // at the end of an open file: never confirmed, cut off at the next start; no damage
};

// With the names that the file has for them. In the file's order: that of time, once it is sealed.
using ArchiveVisitor = std::function<void(const core::LoggedRecord&, const ArchiveNames&)>;

// `path` ends in .tgo or .tga. Errors: io_failed.
Result<ArchiveInspection> inspect_archive_file(Io& io, const std::string& path, const ArchiveVisitor& visit);

}  // namespace tollgate::stores
