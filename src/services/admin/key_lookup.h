// Finds the key that a path or a document names: by its id, or by its full text. The text is compared and forgotten:
// it never reaches a log, an error or an answer.
// Thread safety: any thread that may block.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "ports/key_store.h"

namespace tollgate::services {

class KeyLookup {
 public:
  KeyLookup(ports::KeyStore& keys, const Clock& clock) : keys_(keys), clock_(clock) {}

  // key_not_found, also when a full key's secret is not one of the key's.
  Result<core::KeyRecord> by_id_or_text(std::string_view id_or_text) const;
  Result<core::KeyRecord> by_text(std::string_view text) const;

 private:
  ports::KeyStore& keys_;
  const Clock& clock_;
};

}  // namespace tollgate::services
