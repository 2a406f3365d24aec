#include "stores/archive/archive_writer.h"

#include <fcntl.h>

#include <cerrno>

#include "base/str.h"

namespace tollgate::stores {

std::unexpected<ArchiveFault> archive_fault(std::string_view what, const std::string& path) {
  const int error = errno;  // before anything else can change it
  const std::string why = system_error_text();
  return std::unexpected(ArchiveFault{.disk_full = error == ENOSPC || error == EDQUOT,
                                      .reason = str::cat("cannot ", what, " ", path, ": ", why)});
}

std::expected<ArchiveWriter, ArchiveFault> ArchiveWriter::create(Io& io, const std::string& path) {
  UniqueFd fd(io.open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND));
  if (!fd) return archive_fault("create", path);
  return ArchiveWriter(io, path, std::move(fd));
}

std::expected<ArchiveWriter, ArchiveFault> ArchiveWriter::reopen(Io& io, const std::string& path, std::uint64_t size) {
  UniqueFd fd(io.open(path, O_WRONLY | O_APPEND));
  if (!fd) return archive_fault("open", path);
  if (io.ftruncate(fd.get(), size) != 0) return archive_fault("cut", path);
  ArchiveWriter writer(io, path, std::move(fd));
  writer.written_ = size;
  if (auto synced = writer.sync(); !synced) return std::unexpected(std::move(synced).error());
  return writer;
}

ArchiveWrite ArchiveWriter::append(std::string_view bytes) {
  std::uint64_t end = written_;
  while (!bytes.empty()) {
    const ssize_t put = io_->write(fd_.get(), bytes);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) {
      if (put == 0) errno = EIO;
      auto why = archive_fault("write", path_);
      // A call that failed may have written all the same.
      const bool whole_again = io_->ftruncate(fd_.get(), written_) == 0;
      broken_ = !why.error().disk_full || !whole_again;
      return why;
    }
    bytes.remove_prefix(static_cast<std::size_t>(put));
    end += static_cast<std::uint64_t>(put);
  }
  written_ = end;
  return {};
}

ArchiveWrite ArchiveWriter::sync() {
  if (io_->fdatasync(fd_.get()) == 0) {
    synced_ = written_;
    return {};
  }
  auto why = archive_fault("sync", path_);
  broken_ = true;
  // What was not confirmed is written again elsewhere. Whether this cut is, does not matter: whoever reads both files
  // sees what comes twice.
  io_->ftruncate(fd_.get(), synced_);
  return why;
}

ArchiveWrite sync_directory(Io& io, const std::string& directory) {
  const UniqueFd fd(io.open(directory, O_RDONLY | O_DIRECTORY));
  if (!fd) return archive_fault("open", directory);
  if (io.fdatasync(fd.get()) != 0) return archive_fault("sync", directory);
  return {};
}

}  // namespace tollgate::stores
