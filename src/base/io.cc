#include "base/io.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/file.h"

namespace tollgate {
namespace {

class SystemIo final : public Io {
 public:
  int open(const std::string& path, int flags) override { return ::open(path.c_str(), flags | O_CLOEXEC, 0600); }
  ssize_t write(int fd, std::string_view bytes) override { return ::write(fd, bytes.data(), bytes.size()); }
  ssize_t pwrite(int fd, std::string_view bytes, std::uint64_t offset) override {
    return ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
  }
  ssize_t pread(int fd, std::span<char> out, std::uint64_t offset) override {
    return ::pread(fd, out.data(), out.size(), static_cast<off_t>(offset));
  }
  int fdatasync(int fd) override { return ::fdatasync(fd); }
  int ftruncate(int fd, std::uint64_t size) override { return ::ftruncate(fd, static_cast<off_t>(size)); }
  int allocate(int fd, std::uint64_t size) override {
    errno = ::posix_fallocate(fd, 0, static_cast<off_t>(size));
    return errno == 0 ? 0 : -1;
  }
  int unlink(const std::string& path) override { return ::unlink(path.c_str()); }
  int rename(const std::string& from, const std::string& to) override { return ::rename(from.c_str(), to.c_str()); }
};

}  // namespace

Io& system_io() {
  static SystemIo io;
  return io;
}

bool write_all(Io& io, int fd, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t put = io.pwrite(fd, bytes, offset);
    if (put < 0 && errno == EINTR) continue;
    if (put == 0) errno = EIO;
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
  return true;
}

bool allocate_all(Io& io, int fd, std::uint64_t size) {
  while (io.allocate(fd, size) != 0) {
    if (errno != EINTR) return false;
  }
  return true;
}

ssize_t read_all(Io& io, int fd, std::span<char> out, std::uint64_t offset) {
  std::size_t have = 0;
  while (have < out.size()) {
    const ssize_t got = io.pread(fd, out.subspan(have), offset + have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  return static_cast<ssize_t>(have);
}

bool sync_directory_of(Io& io, const std::string& path) {
  const UniqueFd directory(io.open(std::filesystem::path(path).parent_path().string(), O_RDONLY | O_DIRECTORY));
  return directory && io.fdatasync(directory.get()) == 0;
}

}  // namespace tollgate
