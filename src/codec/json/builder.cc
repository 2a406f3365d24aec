#include "codec/json/builder.h"

#include <algorithm>

#include "codec/json/pointer.h"

namespace tollgate::codec {
namespace {

// Up to here a linear search beats a hash set; beyond it a hostile document would make that search quadratic.
constexpr std::size_t kMembersSearched = 16;

}  // namespace

void JsonBuilder::begin(JsonValue container) {
  open_.push_back({std::move(container), {}, {}});
}

void JsonBuilder::end() {
  JsonValue done = std::move(open_.back().container);
  open_.pop_back();
  add(std::move(done));
}

bool JsonBuilder::name(std::string text) {
  Frame& frame = open_.back();
  const JsonObject& members = *frame.container.object();
  frame.name = std::move(text);
  if (members.size() < kMembersSearched) {
    return std::ranges::none_of(members, [&](const JsonMember& member) { return member.name == frame.name; });
  }
  if (frame.names.empty()) {
    for (const JsonMember& member : members) frame.names.insert(member.name);
  }
  return frame.names.insert(frame.name).second;
}

void JsonBuilder::add(JsonValue value) {
  if (open_.empty()) {
    root_ = std::move(value);
    return;
  }
  Frame& frame = open_.back();
  if (auto* array = frame.container.get_if<JsonArray>()) {
    array->push_back(std::move(value));
  } else {
    frame.container.get_if<JsonObject>()->push_back({std::move(frame.name), std::move(value)});
    frame.name.clear();
  }
}

std::string JsonBuilder::pointer() const {
  std::string out;
  for (std::size_t i = 0; i < open_.size(); ++i) {
    const Frame& frame = open_[i];
    if (frame.container.array() != nullptr) {
      out = json_pointer(out, frame.container.array()->size());
    } else if (!frame.name.empty() || i + 1 < open_.size()) {
      out = json_pointer(out, frame.name);
    }
  }
  return out;
}

}  // namespace tollgate::codec
