// Files as whole values, and a descriptor that closes itself. Errors carry the path and the system's reason.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace tollgate {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  // Leaves errno as it is: a scope that ends after a failed call must not hide why it failed.
  void reset() noexcept;

 private:
  int fd_ = -1;
};

// "No such file or directory" for the current errno, which anything may change, an allocation too: nothing stands
// between the failed call and this one.
std::string system_error_text();

Result<std::string> read_file(const std::string& path, std::size_t max_bytes = 16u << 20);
// Writes beside, fsyncs, renames: readers see the old content or the new, never half. `mode` is exact (umask ignored).
Result<void> write_file_atomic(const std::string& path, std::string_view content, unsigned mode);
// Creates the directory (mode 0700) and its parents; fails with data_dir_unusable when it cannot be written.
Result<void> ensure_directory(const std::string& path);

// An advisory lock on `<directory>/<name>.lock`, held until destroyed or the process ends.
// Fails with data_dir_in_use, naming the holder's process id, when another process has it.
class DirectoryLock {
 public:
  static Result<DirectoryLock> acquire(const std::string& directory, std::string_view name);

 private:
  explicit DirectoryLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace tollgate
