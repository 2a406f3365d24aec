#include "base/io.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

namespace tollgate {
namespace {

class SystemIo final : public Io {
 public:
  int open(const std::string& path, int flags) override { return ::open(path.c_str(), flags | O_CLOEXEC, 0600); }
  ssize_t write(int fd, std::string_view bytes) override { return ::write(fd, bytes.data(), bytes.size()); }
  ssize_t pread(int fd, std::span<char> out, std::uint64_t offset) override {
    return ::pread(fd, out.data(), out.size(), static_cast<off_t>(offset));
  }
  int fdatasync(int fd) override { return ::fdatasync(fd); }
  int ftruncate(int fd, std::uint64_t size) override { return ::ftruncate(fd, static_cast<off_t>(size)); }
  int unlink(const std::string& path) override { return ::unlink(path.c_str()); }
  int rename(const std::string& from, const std::string& to) override { return ::rename(from.c_str(), to.c_str()); }
};

}  // namespace

Io& system_io() {
  static SystemIo io;
  return io;
}

}  // namespace tollgate
