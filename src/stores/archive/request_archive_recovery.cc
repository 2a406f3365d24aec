// What an earlier run left, however it ended.
#include <algorithm>
#include <utility>

#include "base/file.h"
#include "stores/archive/request_archive.h"

namespace tollgate::stores {

Result<std::unique_ptr<RequestArchive>> RequestArchive::open(ArchiveOptions options, const Clock& clock) {
  if (auto made = ensure_directory(options.directory); !made) return std::unexpected(std::move(made).error());
  std::unique_ptr<RequestArchive> archive(new RequestArchive(std::move(options), clock));
  if (auto recovered = archive->recover(); !recovered) return std::unexpected(std::move(recovered).error());
  return archive;
}

// First what is sealed, then what is open, each in the order in which it was written: files are sealed in that order
// too, so that an open one from before a sealed one is what a failed removal left, and its records are known.
Result<void> RequestArchive::recover() {
  TG_TRY(const ArchiveFiles::Listing listing, files_.list());
  for (const std::string& draft : listing.drafts) io_.unlink(draft);
  if (!listing.files.empty()) next_number_ = listing.files.rbegin()->first + 1;
  for (const auto& [number, set] : listing.files) {
    if (set.sealed) recover_sealed(number, set);
    if (!set.sealed && !set.open) catalog_.put(number, nothing_of(number));
    for (const ArchiveCopy& copy : set.copies) catalog_.add_copy(number, copy);
  }
  for (const auto& [number, set] : listing.files) {
    if (set.open && !set.sealed) recover_open(number, marks_);
  }
  return {};
}

void RequestArchive::recover_sealed(std::uint64_t number, const ArchiveFileSet& set) {
  const std::string path = files_.path(ArchiveKind::sealed, number);
  const auto file = SealedFile::open(io_, path, number, clock_.wall_now().time_since_epoch().count());
  RingMarks marks;
  if (set.open && file->rebuilt) {
    // The open file from which it was made is still there, and the better one.
    io_.unlink(path);
    recover_open(number, marks);
  } else {
    for (const core::RingPosition& ring : file->footer.rings) marks[ring.ring_id] = ring.next_sequence;
    catalog_.put(number, file);
    if (set.open) io_.unlink(files_.path(ArchiveKind::open, number));
  }
  for (const auto& [ring_id, next] : marks) {
    std::uint64_t& mark = marks_[ring_id];
    mark = std::max(mark, next);
  }
}

void RequestArchive::recover_open(std::uint64_t number, RingMarks& marks) {
  auto file = OpenFile::recover(io_, files_, number, marks);
  catalog_.put(number, file);
  for (const ArchiveCopy& copy : file->copies()) catalog_.add_copy(number, copy);
  const bool is_last = number + 1 == next_number_;
  if (is_last && file->takes_more() && file->records() < options_.records_max) {
    current_ = std::move(file);
  } else {
    put_aside(std::move(file));
  }
}

// Stands for a number of which only copies of damage are left, until they expire.
std::shared_ptr<const SealedFile> RequestArchive::nothing_of(std::uint64_t number) const {
  return SealedFile::nothing(files_.path(ArchiveKind::sealed, number), number,
                             clock_.wall_now().time_since_epoch().count());
}

}  // namespace tollgate::stores
