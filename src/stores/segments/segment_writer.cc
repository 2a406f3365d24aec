#include "stores/segments/segment_writer.h"

#include <fcntl.h>

#include <cerrno>

namespace tollgate::stores {
namespace {

std::unexpected<WriteFault> fault(int error) {
  return std::unexpected(error == ENOSPC || error == EDQUOT ? WriteFault::disk_full : WriteFault::failed);
}

WriteResult sync_descriptor(Io& io, int fd) {
  return io.fdatasync(fd) == 0 ? WriteResult{} : fault(errno);
}

}  // namespace

std::expected<SegmentWriter, WriteFault> SegmentWriter::create(Io& io, const std::string& path, std::string_view head) {
  const int fd = io.open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND);
  if (fd < 0) return fault(errno);
  SegmentWriter writer(io, UniqueFd(fd));
  auto made = writer.append(head);
  if (made) made = writer.sync();
  if (made && !sync_directory_of(io, path)) made = fault(errno);
  if (!made) {
    io.unlink(path);
    return std::unexpected(made.error());
  }
  return writer;
}

WriteResult SegmentWriter::append(std::string_view frames) {
  std::uint64_t end = written_;
  while (!frames.empty()) {
    const ssize_t put = io_->write(fd_.get(), frames);
    const int error = put < 0 ? errno : EIO;  // before anything else can change it
    if (put < 0 && error == EINTR) continue;
    if (put <= 0) {
      const auto why = fault(error);
      // A call that failed may have written all the same.
      const bool whole_again = io_->ftruncate(fd_.get(), written_) == 0;
      broken_ = why.error() != WriteFault::disk_full || !whole_again;
      return why;
    }
    frames.remove_prefix(static_cast<std::size_t>(put));
    end += static_cast<std::uint64_t>(put);
  }
  written_ = end;
  return {};
}

WriteResult SegmentWriter::sync() {
  if (synced_ == written_) return {};
  auto synced = sync_descriptor(*io_, fd_.get());
  broken_ = !synced;
  if (synced) synced_ = written_;
  return synced;
}

}  // namespace tollgate::stores
