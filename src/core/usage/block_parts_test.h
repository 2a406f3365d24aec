// A block's parts as they were written, for tests that read them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/usage/record_block.h"

namespace tollgate::core {

class OwnParts final : public BlockParts {
 public:
  explicit OwnParts(std::vector<std::string> parts) : parts_(std::move(parts)) {}
  bool read(std::size_t part, std::span<char> into) override {
    if (part >= parts_.size() || parts_[part].size() != into.size()) return false;
    std::ranges::copy(parts_[part], into.begin());
    ++reads;
    return true;
  }

  std::size_t reads = 0;

 private:
  std::vector<std::string> parts_;
};

}  // namespace tollgate::core
