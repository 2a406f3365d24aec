#include "base/task.h"

#include <array>
#include <new>

namespace tollgate {
namespace {

constexpr std::size_t kClassBytes = 128;
constexpr std::size_t kClasses = 32;    // up to 4 KiB
constexpr std::size_t kMaxFree = 1024;  // per class: what a burst of connections leaves behind is given back

struct FreeBlock {
  FreeBlock* next;
};

class FrameCache {
 public:
  FrameCache() = default;
  FrameCache(const FrameCache&) = delete;
  FrameCache& operator=(const FrameCache&) = delete;
  ~FrameCache() {
    for (auto& list : lists_) {
      while (list.head != nullptr) ::operator delete(std::exchange(list.head, list.head->next));
    }
  }
  void* take(std::size_t index) {
    auto& list = lists_[index];
    if (list.head == nullptr) return ::operator new((index + 1) * kClassBytes);
    --list.count;
    return std::exchange(list.head, list.head->next);
  }
  void give(void* block, std::size_t index) noexcept {
    auto& list = lists_[index];
    if (list.count == kMaxFree) return ::operator delete(block);
    list.head = new (block) FreeBlock{list.head};
    ++list.count;
  }

 private:
  struct List {
    FreeBlock* head = nullptr;
    std::size_t count = 0;
  };
  std::array<List, kClasses> lists_;
};

thread_local FrameCache frame_cache;

}  // namespace

void* allocate_frame(std::size_t size) {
  const std::size_t index = (size - 1) / kClassBytes;
  if (index >= kClasses) return ::operator new(size);
  return frame_cache.take(index);
}

void free_frame(void* frame, std::size_t size) noexcept {
  const std::size_t index = (size - 1) / kClassBytes;
  if (index >= kClasses) return ::operator delete(frame);
  frame_cache.give(frame, index);
}

}  // namespace tollgate
