// Appends to one file of the archive. A failed append leaves the file as it was; after a failed sync nobody knows which
// bytes are on the disk (asking again would only answer "yes"), and the file takes nothing more.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/io.h"

namespace tollgate::stores {

struct ArchiveFault {
  bool disk_full = false;
  std::string reason;  // with the path
};
using ArchiveWrite = std::expected<void, ArchiveFault>;

// Thread safety: one thread at a time.
class ArchiveWriter {
 public:
  // A new file.
  static std::expected<ArchiveWriter, ArchiveFault> create(Io& io, const std::string& path);
  // The first `size` bytes of one that is there, durable when this returns; what follows is cut off.
  static std::expected<ArchiveWriter, ArchiveFault> reopen(Io& io, const std::string& path, std::uint64_t size);

  // All of it or nothing. Durable after the next sync().
  ArchiveWrite append(std::string_view bytes);
  ArchiveWrite sync();

  std::uint64_t written() const { return written_; }
  // No further append makes sense.
  bool broken() const { return broken_; }

 private:
  ArchiveWriter(Io& io, std::string path, UniqueFd fd) : io_(&io), path_(std::move(path)), fd_(std::move(fd)) {}

  Io* io_;
  std::string path_;
  UniqueFd fd_;
  std::uint64_t written_ = 0;
  std::uint64_t synced_ = 0;
  bool broken_ = false;
};

// A name that was given or taken is durable only when its directory is.
ArchiveWrite sync_directory(Io& io, const std::string& directory);

// For the errno of the call before.
std::unexpected<ArchiveFault> archive_fault(std::string_view what, const std::string& path);

}  // namespace tollgate::stores
