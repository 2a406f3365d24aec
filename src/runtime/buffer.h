// A flat byte buffer for one direction of a connection: bytes are appended at the end and consumed at the front.
// Storage comes from a per-thread list of 16 KiB blocks, so a connection that goes idle can give its memory back
// cheaply.
//
// Thread safety: none. Views into it are valid until the next prepare() or release().
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace tollgate::runtime {

class Buffer {
 public:
  static constexpr std::size_t kBlockBytes = 16 * 1024;

  Buffer() = default;
  ~Buffer() { release(); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  std::string_view view() const { return {data_ + begin_, end_ - begin_}; }
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  std::size_t capacity() const { return capacity_; }

  // Room for at least `least` more bytes behind the content; moves or grows as needed.
  std::span<char> prepare(std::size_t least);
  // The first `count` bytes of what prepare() gave are content now.
  void commit(std::size_t count) { end_ += count; }
  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  void append(std::string_view bytes);
  void clear() { begin_ = end_ = 0; }
  // Gives the storage back. The buffer is empty afterwards and usable.
  void release();

 private:
  void grow(std::size_t capacity);

  char* data_ = nullptr;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace tollgate::runtime
