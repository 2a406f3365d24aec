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
  virtual ssize_t pwrite(int fd, std::string_view bytes, std::uint64_t offset) = 0;
  virtual ssize_t pread(int fd, std::span<char> out, std::uint64_t offset) = 0;
  virtual int fdatasync(int fd) = 0;
  virtual int ftruncate(int fd, std::uint64_t size) = 0;
  // posix_fallocate: the first `size` bytes have their disk space from now on.
  virtual int allocate(int fd, std::uint64_t size) = 0;
  virtual int unlink(const std::string& path) = 0;
  virtual int rename(const std::string& from, const std::string& to) = 0;
};

// The kernel itself. Stateless.
Io& system_io();

// What a call does when it is interrupted, or takes less than it was given: it goes on. On failure errno says why.
bool write_all(Io& io, int fd, std::string_view bytes, std::uint64_t offset);
bool allocate_all(Io& io, int fd, std::uint64_t size);
// How many bytes there were, fewer than asked for only at the file's end; -1 on failure.
ssize_t read_all(Io& io, int fd, std::span<char> out, std::uint64_t offset);
// Makes the name of `path` durable, which syncing the file does not.
bool sync_directory_of(Io& io, const std::string& path);

}  // namespace tollgate
