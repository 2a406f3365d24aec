// A configuration file as a plain tree: what YAML means here, without YAML.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/problems.h"

namespace tollgate::config {

struct Node {
  enum class Kind : std::uint8_t { null, scalar, list, map };
  struct Key {
    std::string text;
    Mark mark;
  };

  Kind kind = Kind::null;
  Mark mark;
  std::string text;         // of a scalar
  std::vector<Node> items;  // of a list or a map
  std::vector<Key> keys;    // of a map: as many as items, all different

  const Node* find(std::string_view key) const {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i].text == key) return &items[i];
    }
    return nullptr;
  }
};

}  // namespace tollgate::config
