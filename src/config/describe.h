// What is known of every setting: for the check of shapes and names, for error texts, and for the reference page.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::config {

enum class Shape : std::uint8_t {
  section,   // a mapping with known keys
  sections,  // a list of them
  value,     // a single word
  values,    // a list of words, or one
};

struct KeyInfo {
  std::string_view path;      // "gateway.routes[].match.path": "[]" stands for the elements of a list of sections
  Shape shape;                // value or values
  std::string_view type;      // for people
  std::string_view fallback;  // the default, in the words of the file; "" when there is none
  std::string_view help;
};

// Every value of the file. The sections are what stands between the dots.
std::span<const KeyInfo> known_keys();

struct ChildKey {
  std::string_view name;
  Shape shape;
};
// The keys of the section at `path` (as in KeyInfo; "" is the file).
std::vector<ChildKey> children_of(std::string_view path);

// A setting that comes from outside the file.
struct OutsideInfo {
  std::string_view name;
  std::string_view sets;  // what it overrides
  std::string_view help;
};
std::span<const OutsideInfo> known_variables();
std::span<const OutsideInfo> known_flags();

// docs/reference/configuration.md, from the lists above.
std::string reference_markdown();

}  // namespace tollgate::config
