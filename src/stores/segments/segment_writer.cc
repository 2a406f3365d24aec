#include "stores/segments/segment_writer.h"

#include <fcntl.h>

#include <cerrno>
#include <filesystem>

#include "base/str.h"

namespace tollgate::stores {
namespace {

// A new file's name is durable only when its directory is.
bool sync_directory_of(Io& io, const std::string& path) {
  const UniqueFd fd(io.open(std::filesystem::path(path).parent_path().string(), O_RDONLY | O_DIRECTORY));
  return fd && io.fdatasync(fd.get()) == 0;
}

}  // namespace

std::unexpected<Error> SegmentWriter::failed(std::string_view doing) const {
  return fail(codes::io_failed, str::cat("cannot ", doing, " ", path_, ": ", system_error_text()));
}

Result<SegmentWriter> SegmentWriter::create(Io& io, const std::string& path, std::string_view head) {
  SegmentWriter writer(io, path, UniqueFd(io.open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND)));
  if (!writer.fd_) return writer.failed("create");
  auto made = writer.append(head);
  if (made) made = writer.sync();
  if (made && !sync_directory_of(io, path)) made = writer.failed("sync the directory of");
  if (!made) {
    io.unlink(path);
    return std::unexpected(std::move(made).error());
  }
  return writer;
}

Result<void> SegmentWriter::append(std::string_view frames) {
  std::uint64_t end = written_;
  while (!frames.empty()) {
    const ssize_t put = io_->write(fd_.get(), frames);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) {
      auto error = failed("write");
      const bool only_full = put < 0 && (errno == ENOSPC || errno == EDQUOT);
      // A call that failed may have written all the same.
      const bool whole_again = io_->ftruncate(fd_.get(), written_) == 0;
      broken_ = !only_full || !whole_again;
      return error;
    }
    frames.remove_prefix(static_cast<std::size_t>(put));
    end += static_cast<std::uint64_t>(put);
  }
  written_ = end;
  return {};
}

Result<void> SegmentWriter::sync() {
  if (synced_ == written_) return {};
  if (io_->fdatasync(fd_.get()) != 0) {
    broken_ = true;
    return failed("sync");
  }
  synced_ = written_;
  return {};
}

}  // namespace tollgate::stores
