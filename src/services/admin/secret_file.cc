#include "services/admin/secret_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "base/file.h"
#include "base/random.h"
#include "base/str.h"
#include "crypto/secret_policy.h"

namespace tollgate::services {
namespace {

constexpr std::size_t kSecretLength = 43;  // 256 bits
constexpr std::size_t kFileMax = 4096;

// 0: does not exist.
Result<mode_t> mode_of(const std::string& path) {
  struct stat info{};
  if (stat(path.c_str(), &info) == 0) return info.st_mode;
  if (errno == ENOENT) return mode_t{0};
  return fail(codes::data_dir_unusable, str::cat(path, ": ", system_error_text()));
}

// Services that start at once in one directory take turns: the first makes a secret, the others read it. Ends with the
// scope.
UniqueFd take_turn(const std::string& path) {
  const std::string directory = std::filesystem::path(path).parent_path();
  UniqueFd fd(::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  while (fd && ::flock(fd.get(), LOCK_EX) != 0 && errno == EINTR) {
  }
  return fd;
}

}  // namespace

Result<void> check_private(const std::string& path) {
  TG_TRY(const mode_t mode, mode_of(path));
  if ((mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  return fail(codes::weak_secret,
              str::cat(path, " can be read by others, so it is no secret any more. Delete it to have a ",
                       "new one made, or run: chmod 600 ", path));
}

Result<std::string> provide_secret(const SecretSource& source) {
  if (source.value) {
    if (auto strong = crypto::check_secret({.name = source.name, .value = *source.value}); !strong) {
      return std::unexpected(std::move(strong).error());
    }
    return *source.value;
  }
  const UniqueFd turn = take_turn(source.path);
  if (auto is_private = check_private(source.path); !is_private) return std::unexpected(std::move(is_private).error());
  TG_TRY(const mode_t mode, mode_of(source.path));
  if (mode == 0) {
    std::string made = random_base62(kSecretLength);
    if (auto done = write_file_atomic(source.path, made + "\n", 0600); !done) {
      return std::unexpected(std::move(done).error());
    }
    return made;
  }
  TG_TRY(std::string content, read_file(source.path, kFileMax));
  while (!content.empty() && (content.back() == '\n' || content.back() == '\r')) content.pop_back();
  if (auto strong = crypto::check_secret({.name = source.path, .value = content}); !strong) {
    return std::unexpected(std::move(strong).error());
  }
  return content;
}

}  // namespace tollgate::services
