#include "config/setting.h"

namespace tollgate::config {

Setting Setting::operator[](std::string_view key) const {
  std::string path = key_.empty() ? std::string(key) : str::cat(key_, ".", key);
  if (node_ != nullptr && node_->kind != Node::Kind::map) return Setting(nullptr, mark_, std::move(path), nullptr);
  const Node* child = node_ != nullptr ? node_->find(key) : nullptr;
  if (child != nullptr && child->kind == Node::Kind::null) child = nullptr;
  return Setting(child, child == nullptr ? mark_ : child->mark, std::move(path), problems_);
}

std::vector<Setting> Setting::elements() const {
  if (node_ == nullptr) return {};
  if (node_->kind != Node::Kind::list) return {*this};
  std::vector<Setting> elements;
  for (std::size_t i = 0; i < node_->items.size(); ++i) {
    if (node_->items[i].kind == Node::Kind::null) continue;  // reported with the shapes
    elements.push_back(Setting(&node_->items[i], node_->items[i].mark, str::cat(key_, "[", i, "]"), problems_));
  }
  return elements;
}

}  // namespace tollgate::config
