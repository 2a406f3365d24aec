#include "config/shape.h"

#include <algorithm>
#include <array>

#include "base/str.h"
#include "config/describe.h"

namespace tollgate::config {
namespace {

// Where a walk is: in the words of the file, and in those of the list of known keys.
struct Place {
  std::string key;   // "gateway.routes[0]"
  std::string path;  // "gateway.routes[]"

  Place child(std::string_view name) const {
    return {str::cat(key, key.empty() ? "" : ".", name), str::cat(path, path.empty() ? "" : ".", name)};
  }
  Place element(std::size_t index) const { return {str::cat(key, "[", index, "]"), path + "[]"}; }
};

// Secrets are deliberately no keys; who looks for them here should learn where they go.
struct Secret {
  std::string_view path;
  std::string_view variable;
};
constexpr std::array<Secret, 3> kSecrets = {
    {{"admin.password", "ADMIN_PASSWORD"}, {"admin.jwtSecret", "JWT_SECRET"}, {"serviceToken", "SERVICE_TOKEN"}}};

class Walk {
 public:
  explicit Walk(Problems& problems) : problems_(problems) {}

  void section(const Node& node, const Place& place) {
    if (node.kind == Node::Kind::null) return;
    if (node.kind != Node::Kind::map)
      return problems_.in_file(node.mark, place.key, "must be a section of \"key: value\" lines");
    const std::vector<ChildKey> known = children_of(place.path);
    for (std::size_t i = 0; i < node.keys.size() && !problems_.enough(); ++i) {
      const auto child = std::ranges::find(known, std::string_view(node.keys[i].text), &ChildKey::name);
      if (child == known.end()) {
        unknown(node.keys[i], place, known);
      } else {
        value(node.items[i], place.child(child->name), child->shape);
      }
    }
  }

 private:
  void unknown(const Node::Key& key, const Place& place, const std::vector<ChildKey>& known) {
    const std::string path = place.child(key.text).path;
    if (const auto secret = std::ranges::find(kSecrets, std::string_view(path), &Secret::path);
        secret != kSecrets.end()) {
      return problems_.in_file(
          key.mark, path, str::cat("secrets are not kept in this file; set ", secret->variable, " in the environment"));
    }
    std::vector<std::string_view> names;
    for (const ChildKey& child : known) names.push_back(child.name);
    problems_.in_file(key.mark, place.key, str::cat("unknown key ", quoted(key.text), suggestion(key.text, names)));
  }

  void value(const Node& node, const Place& place, Shape shape) {
    if (shape == Shape::section) return section(node, place);
    if (shape == Shape::sections) return sections(node, place);
    if (shape == Shape::values && node.kind == Node::Kind::list) {
      for (std::size_t i = 0; i < node.items.size(); ++i)
        word(node.items[i], place.element(i), "must be a single value");
      return;
    }
    word(node, place, shape == Shape::values ? "must be a list of values, or one" : "must be a single value");
  }

  void sections(const Node& node, const Place& place) {
    if (node.kind == Node::Kind::null) return;
    if (node.kind != Node::Kind::list) return problems_.in_file(node.mark, place.key, "must be a list");
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const Place element = place.element(i);
      if (node.items[i].kind == Node::Kind::null) {
        problems_.in_file(node.items[i].mark, element.key, "is empty");
      } else {
        section(node.items[i], element);
      }
    }
  }

  void word(const Node& node, const Place& place, std::string_view otherwise) {
    if (node.kind == Node::Kind::scalar) return;
    problems_.in_file(node.mark, place.key,
                      node.kind == Node::Kind::null ? "has no value; give one or leave the key out" : otherwise);
  }

  Problems& problems_;
};

}  // namespace

void check_shape(const Node& root, Problems& problems) {
  Walk(problems).section(root, {});
}

}  // namespace tollgate::config
