// What is refused as a secret, before it protects anything: too short, known from a manual, or plainly typed.
// Both fail with weak_secret and a sentence that says what to do; the secret itself is never in it. Thread safety:
// pure.
#pragma once

#include <string_view>

#include "base/error.h"

namespace tollgate::crypto {

struct NamedSecret {
  std::string_view name;  // as the operator knows it: "JWT_SECRET"
  std::string_view value;
};

// For keys that sign or encrypt: at least 32 bytes, at least 2.5 bits per character, no key file by mistake.
Result<void> check_secret(const NamedSecret& secret);

struct NamedPassword {
  std::string_view user;
  std::string_view value;
};

// For people's passwords: 12 to 1024 bytes of UTF-8, none of the common ones, not the user's name with digits.
Result<void> check_password(const NamedPassword& password);

}  // namespace tollgate::crypto
