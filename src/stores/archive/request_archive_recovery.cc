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

// Files in the order in which they were written, so that what comes twice is seen the second time.
Result<void> RequestArchive::recover() {
  TG_TRY(const ArchiveFiles::Listing listing, files_.list());
  for (const std::string& draft : listing.drafts) io_.unlink(draft);
  if (!listing.files.empty()) next_number_ = listing.files.rbegin()->first + 1;
  for (const auto& [number, set] : listing.files) {
    const bool is_last = number + 1 == next_number_;
    if (set.sealed && recover_sealed(number, set)) {
      if (set.open) io_.unlink(files_.path(ArchiveKind::open, number));
    } else if (set.open) {
      recover_open(number, is_last);
    } else if (!set.sealed) {
      catalog_.put(number, nothing_of(number));
    }
    for (const ArchiveCopy& copy : set.copies) catalog_.add_copy(number, copy);
  }
  return {};
}

// False: the open file beside it is the better one.
bool RequestArchive::recover_sealed(std::uint64_t number, const ArchiveFileSet& set) {
  const std::int64_t now_ns = clock_.wall_now().time_since_epoch().count();
  const std::string path = files_.path(ArchiveKind::sealed, number);
  const auto file = SealedFile::open(io_, path, number, now_ns);
  if (set.open && file->rebuilt) {
    io_.unlink(path);
    return false;
  }
  for (const core::RingPosition& ring : file->footer.rings) {
    std::uint64_t& mark = marks_[ring.ring_id];
    mark = std::max(mark, ring.next_sequence);
  }
  catalog_.put(number, file);
  return true;
}

void RequestArchive::recover_open(std::uint64_t number, bool is_last) {
  auto file = OpenFile::recover(io_, files_, number, marks_);
  catalog_.put(number, file);
  for (const ArchiveCopy& copy : file->copies()) catalog_.add_copy(number, copy);
  const bool goes_on = is_last && file->takes_more() && file->records() < options_.records_max;
  if (goes_on) {
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
