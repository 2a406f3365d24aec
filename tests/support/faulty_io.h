// A disk that fails when told to. Thread safety: one thread at a time.
#pragma once

#include <fcntl.h>
#include <sys/types.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/io.h"

namespace tollgate::testing {

enum class Fault : std::uint8_t { eio, enospc, short_write, eintr };

// The kernel, except that calls `first` … `first + count - 1` (counted from 0) meet a fault, and that one file may have
// a place that cannot be read.
class FaultyIo final : public Io {
 public:
  void fail_calls(Fault fault, std::uint64_t first, std::uint64_t count = 1) {
    fault_ = fault;
    first_ = calls_ + first;
    end_ = first_ + count;
  }
  // Its bytes from `offset` on.
  void make_unreadable(std::string path, std::uint64_t offset) {
    unreadable_path_ = std::move(path);
    unreadable_from_ = offset;
  }
  // Until a file that takes space is removed.
  void fill_disk() { full_ = true; }
  void heal() {
    first_ = end_ = 0;
    full_ = false;
    unreadable_path_.clear();
  }
  std::uint64_t calls() const { return calls_; }

  int open(const std::string& path, int flags) override {
    if (hit()) return failed();
    if (full_ && (flags & O_CREAT) != 0) return failed_with(ENOSPC);
    const int fd = system_io().open(path, flags);
    if (fd >= 0) paths_[fd] = path;
    return fd;
  }
  ssize_t write(int fd, std::string_view bytes) override {
    if (full_) return failed_with(ENOSPC);
    if (!hit()) return system_io().write(fd, bytes);
    if (fault_ == Fault::eintr) return failed();
    // Full disks and dying ones take some of it first.
    const ssize_t some = system_io().write(fd, bytes.substr(0, (bytes.size() + 1) / 2));
    return fault_ == Fault::short_write ? some : failed();
  }
  ssize_t pwrite(int fd, std::string_view bytes, std::uint64_t offset) override {
    if (!hit()) return system_io().pwrite(fd, bytes, offset);
    if (fault_ == Fault::eintr) return failed();
    const ssize_t some = system_io().pwrite(fd, bytes.substr(0, (bytes.size() + 1) / 2), offset);
    return fault_ == Fault::short_write ? some : failed();
  }
  ssize_t pread(int fd, std::span<char> out, std::uint64_t offset) override {
    if (paths_[fd] == unreadable_path_) {
      if (offset >= unreadable_from_) return failed_with(EIO);
      out = out.first(std::min<std::uint64_t>(out.size(), unreadable_from_ - offset));
    }
    if (!hit()) return system_io().pread(fd, out, offset);
    if (fault_ == Fault::short_write) return system_io().pread(fd, out.first((out.size() + 1) / 2), offset);
    return failed();
  }
  int fdatasync(int fd) override {
    return hit() && fault_ != Fault::short_write ? failed() : system_io().fdatasync(fd);
  }
  int ftruncate(int fd, std::uint64_t size) override {
    return hit() && fault_ != Fault::short_write ? failed() : system_io().ftruncate(fd, size);
  }
  int allocate(int fd, std::uint64_t size) override {
    if (full_) return failed_with(ENOSPC);
    return hit() && fault_ != Fault::short_write ? failed() : system_io().allocate(fd, size);
  }
  int unlink(const std::string& path) override {
    if (hit() && fault_ != Fault::short_write) return failed();
    std::error_code none;
    const bool takes_space = std::filesystem::file_size(path, none) > 0 && !none;
    const int unlinked = system_io().unlink(path);
    if (unlinked == 0 && takes_space) full_ = false;
    return unlinked;
  }
  int rename(const std::string& from, const std::string& to) override {
    return hit() && fault_ != Fault::short_write ? failed() : system_io().rename(from, to);
  }

 private:
  bool hit() {
    const std::uint64_t call = calls_++;
    return call >= first_ && call < end_;
  }
  int failed() { return failed_with(fault_ == Fault::enospc ? ENOSPC : fault_ == Fault::eintr ? EINTR : EIO); }
  static int failed_with(int error) {
    errno = error;
    return -1;
  }

  Fault fault_ = Fault::eio;
  std::uint64_t first_ = 0, end_ = 0, calls_ = 0;
  bool full_ = false;
  std::string unreadable_path_;
  std::uint64_t unreadable_from_ = 0;
  std::map<int, std::string> paths_;
};

}  // namespace tollgate::testing
