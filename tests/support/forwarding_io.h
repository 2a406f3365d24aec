// The kernel, for tests that change one or two of its calls. Thread safety: as the kernel.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/io.h"

namespace tollgate::testing {

class ForwardingIo : public Io {
 public:
  int open(const std::string& path, int flags) override { return system_io().open(path, flags); }
  ssize_t write(int fd, std::string_view bytes) override { return system_io().write(fd, bytes); }
  ssize_t pwrite(int fd, std::string_view bytes, std::uint64_t offset) override {
    return system_io().pwrite(fd, bytes, offset);
  }
  ssize_t pread(int fd, std::span<char> out, std::uint64_t offset) override {
    return system_io().pread(fd, out, offset);
  }
  int fdatasync(int fd) override { return system_io().fdatasync(fd); }
  int ftruncate(int fd, std::uint64_t size) override { return system_io().ftruncate(fd, size); }
  int allocate(int fd, std::uint64_t size) override { return system_io().allocate(fd, size); }
  int unlink(const std::string& path) override { return system_io().unlink(path); }
  int rename(const std::string& from, const std::string& to) override { return system_io().rename(from, to); }
};

}  // namespace tollgate::testing
