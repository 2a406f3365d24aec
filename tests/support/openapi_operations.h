// What api/openapi.yaml says is served, as "METHOD /path" per service: to compare with what a router serves.
//
// Reads the file's own layout, not YAML in general: paths at two spaces, methods at four, "tags: [a, b]" at six.
// Thread safety: any.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string>

#include "base/str.h"

namespace tollgate::testing {

// The operations that carry this tag.
inline std::set<std::string> documented_operations(const std::string& tag) {
  const char* root = std::getenv("TG_SOURCE_DIR");
  std::ifstream file(str::cat(root == nullptr ? "." : root, "/api/openapi.yaml"));
  if (!file) throw std::runtime_error("api/openapi.yaml is not there; is TG_SOURCE_DIR set?");
  std::set<std::string> found;
  std::string path;
  std::string method;
  for (std::string line; std::getline(file, line) && line != "components:";) {
    const std::size_t indent = line.find_first_not_of(' ');
    if (indent == 2 && line[2] == '/') path = line.substr(2, line.size() - 3);
    if (indent == 4 && line.back() == ':') method = line.substr(4, line.size() - 5);
    constexpr std::string_view kTags = "      tags: [";
    if (!line.starts_with(kTags)) continue;
    for (char& c : method) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    std::string_view rest = std::string_view(line).substr(kTags.size());
    while (!rest.empty()) {
      const std::string_view word = rest.substr(0, rest.find_first_of(",]"));
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
      if (str::trim(word) == tag) found.insert(str::cat(method, " ", path));
    }
  }
  return found;
}

}  // namespace tollgate::testing
