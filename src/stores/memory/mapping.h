// A mapped piece of a file that unmaps itself. Move-only.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <utility>

namespace tollgate::stores {

class Mapping {
 public:
  Mapping() = default;
  // Nothing (and errno) when the kernel refuses. `protection` and `flags` as mmap(2) takes them.
  static Mapping of(int fd, std::size_t bytes, int protection, int flags) {
    void* const start = ::mmap(nullptr, bytes, protection, flags, fd, 0);
    return start == MAP_FAILED ? Mapping() : Mapping(start, bytes);
  }
  Mapping(Mapping&& other) noexcept : start_(std::exchange(other.start_, nullptr)), bytes_(other.bytes_) {}
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(start_, other.start_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (start_ != nullptr) ::munmap(start_, bytes_);
  }

  explicit operator bool() const { return start_ != nullptr; }
  void* start() const { return start_; }
  std::size_t bytes() const { return bytes_; }

 private:
  Mapping(void* start, std::size_t bytes) : start_(start), bytes_(bytes) {}
  void* start_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace tollgate::stores
