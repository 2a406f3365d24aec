#include <cstdio>
#include <filesystem>

#include "base/str.h"
#include "cli/commands.h"
#include "codec/audit/audit_json.h"
#include "stores/sqlite/audit_log.h"

namespace tollgate::cli {

int verify_audit(const std::string& data_dir) {
  const std::string path = data_dir + "/admin.db";
  std::error_code failure;
  if (!std::filesystem::is_regular_file(path, failure)) {
    std::fprintf(stderr, "tollgate: there is no %s; name the data directory of admin with --data\n", path.c_str());
    return 1;
  }
  const auto verdict = stores::SqliteAuditLog::verify_file(path);
  if (!verdict) {
    std::fprintf(stderr, "tollgate: %s: %s\n", path.c_str(), verdict.error().to_string().c_str());
    return 1;
  }
  const std::string head = codec::audit_hash_text(verdict->head);
  if (verdict->first_broken) {
    std::printf("%s: entry %llu does not follow from what is before it: it, or one before, was altered or removed\n",
                path.c_str(), static_cast<unsigned long long>(*verdict->first_broken));
    return 1;
  }
  std::printf("%s: all %llu entries are whole; the last one's hash is %s\n", path.c_str(),
              static_cast<unsigned long long>(verdict->entries), head.c_str());
  return 0;
}

}  // namespace tollgate::cli
