// YAML text → Node, within bounds that hold for any input: at most kMaxDepth levels and kMaxNodes values. One document,
// UTF-8. A key that is given twice, an anchor, an alias and an explicit tag are refused: none of them makes a
// configuration clearer, and each makes it possible to read something else than what the file seems to say.
#pragma once

#include <optional>
#include <string_view>

#include "config/node.h"

namespace tollgate::config {

inline constexpr std::size_t kMaxFileBytes = 4u << 20;
inline constexpr std::size_t kMaxDepth = 32;
inline constexpr std::size_t kMaxNodes = 500'000;

// Nothing when the text cannot be read; then exactly one problem says why. An empty text is a null node.
std::optional<Node> parse_yaml(std::string_view text, Problems& problems);

}  // namespace tollgate::config
