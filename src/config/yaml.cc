#include "config/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <unordered_set>
#include <utility>

#include "base/str.h"

namespace tollgate::config {
namespace {

Mark to_mark(const YAML::Mark& mark) {
  return {mark.line + 1, mark.column + 1};
}

Node make_node(Node::Kind kind, const YAML::Mark& mark) {
  Node node;
  node.kind = kind;
  node.mark = to_mark(mark);
  return node;
}

struct Refused {
  Mark mark;
  std::string why;
};

// Builds the tree from the parser's events. Throws Refused, because that is how a handler stops this parser.
class TreeBuilder final : public YAML::EventHandler {
 public:
  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0)
      throw Refused{to_mark(mark), "a second document begins here; a configuration is one document"};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_extras(mark, "", anchor);
    if (expects_key()) throw Refused{to_mark(mark), "a key is missing before the colon"};
    add(make_node(Node::Kind::null, mark));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refused{to_mark(mark), "aliases are not supported; write the value out"};
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_extras(mark, tag, anchor);
    if (expects_key()) return add_key(to_mark(mark), value);
    const bool plain = tag == "?";
    const bool null = plain && (value.empty() || value == "~" || value == "null");
    Node node = make_node(null ? Node::Kind::null : Node::Kind::scalar, mark);
    node.text = value;
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_extras(mark, tag, anchor);
    open(make_node(Node::Kind::list, mark));
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_extras(mark, tag, anchor);
    open(make_node(Node::Kind::map, mark));
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    std::unordered_set<std::string> seen;
  };

  static void refuse_extras(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) throw Refused{to_mark(mark), "anchors are not supported; write the value out"};
    if (!tag.empty() && tag != "?" && tag != "!") throw Refused{to_mark(mark), "tags are not supported"};
  }

  bool expects_key() const {
    return !open_.empty() && open_.back().node.kind == Node::Kind::map &&
           open_.back().node.keys.size() == open_.back().node.items.size();
  }

  void add_key(Mark mark, const std::string& key) {
    if (!open_.back().seen.insert(key).second)
      throw Refused{mark, str::cat("the key ", quoted(key), " is given twice")};
    open_.back().node.keys.push_back({key, mark});
  }

  void add(Node node) {
    if (++nodes_ > kMaxNodes) throw Refused{node.mark, str::cat("more than ", kMaxNodes, " values")};
    (open_.empty() ? root_ : open_.back().node.items.emplace_back()) = std::move(node);
  }

  void open(Node node) {
    if (expects_key()) throw Refused{node.mark, "a key must be a single word"};
    if (open_.size() == kMaxDepth) throw Refused{node.mark, str::cat("nested more than ", kMaxDepth, " levels deep")};
    open_.push_back({std::move(node), {}});
  }

  void close() {
    Node done = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(done));
  }

  std::vector<Open> open_;
  Node root_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

}  // namespace

std::optional<Node> parse_yaml(std::string_view text, Problems& problems) {
  if (text.size() > kMaxFileBytes) {
    problems.in_file({1, 1}, "", "the file is larger than 4 MiB");
    return std::nullopt;
  }
  if (!str::is_valid_utf8(text)) {
    problems.in_file({1, 1}, "", "the file is not UTF-8 text");
    return std::nullopt;
  }
  TreeBuilder builder;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) continue;
  } catch (const Refused& refused) {
    problems.in_file(refused.mark, "", refused.why);
    return std::nullopt;
  } catch (const YAML::Exception& invalid) {
    problems.in_file(to_mark(invalid.mark), "", str::cat("not valid YAML: ", printable(invalid.msg)));
    return std::nullopt;
  }
  return builder.take();
}

}  // namespace tollgate::config
