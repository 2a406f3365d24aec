// What the references in decision records mean, for whoever shows them.
#pragma once

#include <string>

#include "core/usage/names.h"

namespace tollgate::ports {

// Thread safety: all methods from any thread.
class NameDirectory {
 public:
  virtual ~NameDirectory() = default;
  // "none" for 0; "#" and eight hex digits for a reference whose text has never come.
  virtual std::string text(core::NameKind kind, core::NameRef ref) const = 0;
};

}  // namespace tollgate::ports
