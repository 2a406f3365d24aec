// The archive's files and their names: <directory>/req-<number>.tgo while records are added, .tga once sealed. Numbers
// ascend with time. Beside them copies of damaged places, and what a seal that was interrupted left.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/io.h"

namespace tollgate::stores {

inline constexpr std::size_t kArchiveHeaderBytes = 16;  // magic, number
enum class ArchiveKind : std::uint8_t { open, sealed };

std::string archive_header(ArchiveKind kind, std::uint64_t number);
bool is_archive_header(std::string_view bytes, ArchiveKind kind);

struct ArchiveCopy {
  std::string path;
  std::uint64_t bytes = 0;
};

// What there is of one number.
struct ArchiveFileSet {
  bool open = false;
  bool sealed = false;
  std::vector<ArchiveCopy> copies;  // of damaged places
};

// Thread safety: a value.
class ArchiveFiles {
 public:
  explicit ArchiveFiles(std::string directory) : directory_(std::move(directory)) {}

  const std::string& directory() const { return directory_; }
  std::string path(ArchiveKind kind, std::uint64_t number) const;
  // Where a sealed file is written before it is named.
  std::string draft_path(std::uint64_t number) const;
  std::string copy_path(std::uint64_t number, std::uint64_t offset) const;

  struct Listing {
    std::map<std::uint64_t, ArchiveFileSet> files;
    std::vector<std::string> drafts;
  };
  Result<Listing> list() const;

 private:
  std::string stem(std::uint64_t number) const;

  std::string directory_;
};

// What follows asks again when the system fails, a disk's passing trouble must not cost what it has. Invalid on
// failure, errno says why.
UniqueFd open_to_read(Io& io, const std::string& path);
// All of `into`. False: there is less, or it cannot be read.
bool read_exactly(Io& io, int fd, std::uint64_t offset, std::span<char> into);

// As much of a file as can be read, and why no more, where that is not all of it.
struct ArchiveBytes {
  std::string bytes;
  std::string problem;
};
ArchiveBytes read_archive_bytes(Io& io, const std::string& path);

}  // namespace tollgate::stores
