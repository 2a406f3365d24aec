// The system calls by which logs reach the disk, so that tests can make any one of them fail.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tollgate {

// Each method is the system call of its name: -1 and errno on failure. Thread safety: all methods from any thread.
class Io {
 public:
  virtual ~Io() = default;
  virtual int open(const std::string& path, int flags) = 0;  // new files get mode 0600
  virtual ssize_t write(int fd, std::string_view bytes) = 0;
  virtual ssize_t pread(int fd, std::span<char> out, std::uint64_t offset) = 0;
  virtual int fdatasync(int fd) = 0;
  virtual int ftruncate(int fd, std::uint64_t size) = 0;
  virtual int unlink(const std::string& path) = 0;
  virtual int rename(const std::string& from, const std::string& to) = 0;
};

// The kernel itself. Stateless.
Io& system_io();

}  // namespace tollgate
