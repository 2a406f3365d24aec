#include "core/usage/key_number.h"

#include <array>
#include <string_view>

namespace tollgate::core {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::uint8_t kNoDigit = 255;

constexpr auto kDigitOf = [] {
  std::array<std::uint8_t, 256> digit_of{};
  digit_of.fill(kNoDigit);
  for (std::size_t i = 0; i < kDigits.size(); ++i) {
    digit_of[static_cast<std::uint8_t>(kDigits[i])] = static_cast<std::uint8_t>(i);
  }
  return digit_of;
}();

}  // namespace

std::uint64_t key_number(const KeyId& id) {
  std::uint64_t number = 0;
  for (const char c : id.text) {
    const std::uint8_t digit = kDigitOf[static_cast<std::uint8_t>(c)];
    if (digit == kNoDigit) return 0;
    number = number * kDigits.size() + digit;
  }
  return number + 1;
}

KeyId key_of_number(std::uint64_t number) {
  KeyId id;
  if (number == 0) return id;
  --number;
  for (auto c = id.text.rbegin(); c != id.text.rend(); ++c) {
    *c = kDigits[number % kDigits.size()];
    number /= kDigits.size();
  }
  return id;
}

}  // namespace tollgate::core
