// A place in the configuration file: the value that stands there, or its absence. Reading an absent value changes
// nothing.
//
// Shapes are check_shape()'s business: where it has complained (a list where a word belongs), reading is silent.
// Thread safety: none. The Node and the Problems outlive every Setting.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/str.h"
#include "config/node.h"

namespace tollgate::config {

class Setting {
 public:
  // The file as a whole.
  Setting(const Node& root, Problems& problems) : node_(&root), mark_(root.mark), problems_(&problems) {}

  Setting operator[](std::string_view key) const;
  // The elements of a list; a single value is a list of one. Empty when absent.
  std::vector<Setting> elements() const;

  bool present() const { return node_ != nullptr; }
  bool is_empty_list() const { return node_ != nullptr && node_->kind == Node::Kind::list && node_->items.empty(); }
  const std::string& key() const { return key_; }

  // Reports `what` here; for an absent value, where its section begins.
  void problem(std::string_view what) const {
    if (problems_ != nullptr) problems_->in_file(mark_, key_, what);
  }
  // Problems of the whole file so far: equal before and after means that nothing was wrong in between.
  std::size_t problem_count() const { return problems_ == nullptr ? 0 : problems_->count(); }
  // Reports that the value is missing unless it is there.
  void require() const {
    if (!present()) problem("is missing");
  }

  // Parses the value with one of the parsers of values.h. True when `out` was set.
  template <class T, class Parser>
  bool read(T& out, const Parser& parser) const {
    if (node_ == nullptr || node_->kind != Node::Kind::scalar) return false;
    auto parsed = parser(std::string_view(node_->text));
    if (!parsed) {
      problem(parsed.error());
      return false;
    }
    out = static_cast<T>(*std::move(parsed));
    return true;
  }

 private:
  Setting(const Node* node, Mark mark, std::string key, Problems* problems)
      : node_(node), mark_(mark), key_(std::move(key)), problems_(problems) {}

  const Node* node_;
  Mark mark_;
  std::string key_;     // "gateway.routes[0].name"
  Problems* problems_;  // null: whatever is wrong here has been reported already
};

}  // namespace tollgate::config
