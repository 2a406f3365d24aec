// Secrets that live in files of the data directory: made at the first start, 0600, refused when others could read them.
// Thread safety: at start-up, one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tollgate::services {

struct SecretSource {
  std::string_view name;             // as the operator knows it: "JWT_SECRET"
  std::optional<std::string> value;  // from the configuration: wins over the file
  std::string path;                  // <data-dir>/jwt-secret
};

// The configured value, or the file's content, or 43 new random characters written there.
// weak_secret, saying what to do, when it is weak or when group or others may read the file.
Result<std::string> provide_secret(const SecretSource& source);

// Fails with weak_secret when group or others have any right on the file, data_dir_unusable when it cannot be examined.
// A file that does not exist is fine.
Result<void> check_private(const std::string& path);

}  // namespace tollgate::services
