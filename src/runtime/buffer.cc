#include "runtime/buffer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

namespace tollgate::runtime {
namespace {

constexpr std::size_t kMaxSpareBlocks = 256;  // 4 MiB a thread

struct SpareBlocks {
  std::vector<char*> blocks;
  SpareBlocks() = default;
  SpareBlocks(const SpareBlocks&) = delete;
  SpareBlocks& operator=(const SpareBlocks&) = delete;
  ~SpareBlocks() {
    for (char* block : blocks) delete[] block;
  }
};
thread_local SpareBlocks spare;

char* take_block() {
  if (spare.blocks.empty()) return new char[Buffer::kBlockBytes];
  char* block = spare.blocks.back();
  spare.blocks.pop_back();
  return block;
}

void give_block(char* data, std::size_t capacity) {
  if (capacity == Buffer::kBlockBytes && spare.blocks.size() < kMaxSpareBlocks) {
    spare.blocks.push_back(data);
  } else {
    delete[] data;
  }
}

}  // namespace

std::span<char> Buffer::prepare(std::size_t least) {
  if (capacity_ - end_ < least) {
    const std::size_t used = size();
    if (begin_ > 0 && capacity_ - used >= least) {
      std::memmove(data_, data_ + begin_, used);
      begin_ = 0;
      end_ = used;
    } else {
      grow(std::max(kBlockBytes, std::bit_ceil(used + least)));
    }
  }
  return {data_ + end_, capacity_ - end_};
}

void Buffer::grow(std::size_t capacity) {
  char* bigger = capacity == kBlockBytes ? take_block() : new char[capacity];
  const std::size_t used = size();
  if (used > 0) std::memcpy(bigger, data_ + begin_, used);
  if (data_ != nullptr) give_block(data_, capacity_);
  data_ = bigger;
  begin_ = 0;
  end_ = used;
  capacity_ = capacity;
}

void Buffer::append(std::string_view bytes) {
  if (bytes.empty()) return;
  std::memcpy(prepare(bytes.size()).data(), bytes.data(), bytes.size());
  commit(bytes.size());
}

void Buffer::release() {
  if (data_ != nullptr) give_block(data_, capacity_);
  data_ = nullptr;
  begin_ = end_ = capacity_ = 0;
}

}  // namespace tollgate::runtime
