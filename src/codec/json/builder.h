// The parser's events, turned into a JsonValue. Knows nothing of the parser: names, values and ends arrive in order.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "codec/json/value.h"

namespace tollgate::codec {

// Thread safety: one thread.
class JsonBuilder {
 public:
  void begin(JsonValue container);
  void end();
  // False when the object being built has that name already.
  [[nodiscard]] bool name(std::string text);
  void add(JsonValue value);

  // RFC 6901 pointer of what is being read.
  std::string pointer() const;
  JsonValue take() { return std::move(root_); }

 private:
  struct Frame {
    JsonValue container;
    std::string name;  // objects: of the member whose value comes next
    // Objects with many members: all names so far. Empty while comparing with each is cheaper.
    std::unordered_set<std::string> names;
  };

  std::vector<Frame> open_;
  JsonValue root_;
};

}  // namespace tollgate::codec
