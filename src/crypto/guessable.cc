#include "crypto/guessable.h"

#include <array>
#include <cmath>
#include <cstdlib>

namespace tollgate::crypto {

double bits_per_character(std::string_view text) {
  std::array<std::size_t, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const std::size_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(text.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

bool is_repetition(std::string_view text) {
  for (std::size_t period = 1; period <= text.size() / 2; ++period) {
    if (text.substr(period) == text.substr(0, text.size() - period)) return true;
  }
  return false;
}

bool is_sequence(std::string_view text) {
  if (text.size() < 4) return false;
  std::size_t neighbours = 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const int step = text[i] - text[i - 1];
    const bool wraps = (text[i - 1] == '9' && text[i] == '0') || (text[i - 1] == '0' && text[i] == '9');
    if (std::abs(step) == 1 || wraps) ++neighbours;
  }
  return neighbours * 10 >= (text.size() - 1) * 8;
}

}  // namespace tollgate::crypto
