#include "core/limit/rate_text.h"

#include "base/str.h"

namespace tollgate::core {

std::string rate_text(std::uint64_t refill_micro) {
  constexpr std::uint64_t kMicroPerToken = 1'000'000;
  std::string text = str::cat(refill_micro / kMicroPerToken);
  const std::uint64_t rest = refill_micro % kMicroPerToken;
  if (rest == 0) return text;
  const std::string digits = str::cat(rest);
  str::append(text, ".", std::string(6 - digits.size(), '0'), digits);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

}  // namespace tollgate::core
