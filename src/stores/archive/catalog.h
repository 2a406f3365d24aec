// Which files the archive has at this moment: shared by those who add, seal, expire and ask. A number is open or
// sealed, never both and never neither.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ports/request_log.h"
#include "stores/archive/open_file.h"
#include "stores/archive/sealed_file.h"

namespace tollgate::stores {

using ArchiveEntry = std::variant<std::shared_ptr<const OpenFile>, std::shared_ptr<const SealedFile>>;

// Thread safety: all methods from any thread.
class ArchiveCatalog {
 public:
  // Adds a number, or replaces the open file by the sealed one.
  void put(std::uint64_t number, ArchiveEntry entry);
  // A file beside it that goes when it goes: a copy of a damaged place.
  void add_copy(std::uint64_t number, const ArchiveCopy& copy);
  // With all that is known of it. Returns the paths of its copies, which are the caller's to remove.
  std::vector<std::string> remove(std::uint64_t number);

  // By number, ascending.
  std::vector<std::pair<std::uint64_t, ArchiveEntry>> all() const;
  std::optional<ArchiveEntry> find(std::uint64_t number) const;
  std::vector<std::shared_ptr<const SealedFile>> sealed() const;
  std::shared_ptr<const SealedFile> oldest_sealed() const;  // null: there is none
  std::uint64_t bytes() const;
  ports::RequestLogStats stats() const;

  // A place of a sealed file that turned out to be damaged; counted once.
  void note_damage(std::uint64_t number, std::uint64_t offset);

 private:
  std::uint64_t bytes_locked() const;

  mutable std::mutex mutex_;
  std::map<std::uint64_t, ArchiveEntry> entries_;
  std::map<std::pair<std::uint64_t, std::string>, std::uint64_t> copies_;  // by number and path: bytes
  std::set<std::pair<std::uint64_t, std::uint64_t>> damaged_;
};

}  // namespace tollgate::stores
