// Signs that a text was typed by a person rather than drawn at random. Rough on purpose: they refuse what is certainly
// weak and prove nothing about the rest. Thread safety: pure.
#pragma once

#include <string_view>

namespace tollgate::crypto {

// Shannon entropy of the characters' frequencies, in bits; 0 for an empty text.
double bits_per_character(std::string_view text);
// A block of at most half the text, repeated: "abcabcabc".
bool is_repetition(std::string_view text);
// Nearly every character follows the one before it in code order, up or down: "abcdef…", "98765…".
bool is_sequence(std::string_view text);

}  // namespace tollgate::crypto
