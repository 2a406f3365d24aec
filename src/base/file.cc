#include "base/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/str.h"

namespace tollgate {

void UniqueFd::reset() noexcept {
  if (fd_ < 0) return;
  const int error = errno;
  ::close(std::exchange(fd_, -1));
  errno = error;
}

std::string system_error_text() {
  return std::strerror(errno);
}

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail(codes::io_failed, str::cat("cannot read ", path, ": ", system_error_text()));
  std::string content;
  char buffer[16384];
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(codes::io_failed, str::cat("cannot read ", path, ": ", system_error_text()));
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > max_bytes)
      return fail(codes::io_failed, str::cat(path, " is larger than ", max_bytes, " bytes"));
  }
}

namespace {

Result<void> write_all(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t put = ::write(fd, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail(codes::io_failed, str::cat("cannot write ", path, ": ", system_error_text()));
    content.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

}  // namespace

Result<void> write_file_atomic(const std::string& path, std::string_view content, unsigned mode) {
  const std::string beside = path + ".new";
  ::unlink(beside.c_str());
  const UniqueFd fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!fd) return fail(codes::io_failed, str::cat("cannot create ", beside, ": ", system_error_text()));
  if (auto written = write_all(fd.get(), content, beside); !written) return written;
  if (::fchmod(fd.get(), mode) != 0 || ::fsync(fd.get()) != 0 || ::rename(beside.c_str(), path.c_str()) != 0) {
    return fail(codes::io_failed, str::cat("cannot write ", path, ": ", system_error_text()));
  }
  return {};
}

Result<void> ensure_directory(const std::string& path) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(path, error);
  if (error) {
    return fail(codes::data_dir_unusable,
                str::cat("cannot create directory ", path, ": ", error.message(), "; choose another with --data-dir"));
  }
  if (made) ::chmod(path.c_str(), 0700);
  if (::access(path.c_str(), W_OK | X_OK) != 0) {
    return fail(codes::data_dir_unusable, str::cat("cannot write to directory ", path, ": ", system_error_text(),
                                                   "; choose another with --data-dir"));
  }
  return {};
}

Result<DirectoryLock> DirectoryLock::acquire(const std::string& directory, std::string_view name) {
  const std::string path = str::cat(directory, "/", name, ".lock");
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return fail(codes::data_dir_unusable, str::cat("cannot open ", path, ": ", system_error_text()));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    const ssize_t got = ::pread(fd.get(), holder, sizeof(holder) - 1, 0);
    const std::string_view pid(holder, got > 0 ? static_cast<std::size_t>(got) : 0);
    return fail(codes::data_dir_in_use,
                str::cat("data directory ", directory, " is in use by process ", pid.substr(0, pid.find('\n')),
                         "; stop it or choose another --data-dir"));
  }
  // In place, and without it when the disk is full: it is for people to read.
  const std::string pid = str::cat(::getpid(), "\n");
  if (::pwrite(fd.get(), pid.data(), pid.size(), 0) < 0 && errno != ENOSPC && errno != EDQUOT) {
    return fail(codes::data_dir_unusable, str::cat("cannot write ", path, ": ", system_error_text()));
  }
  return DirectoryLock(std::move(fd));
}

}  // namespace tollgate
