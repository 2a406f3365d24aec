// Sealing and expiry.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/str.h"
#include "stores/archive/request_archive.h"
#include "stores/archive/seal.h"

namespace tollgate::stores {

Result<bool> RequestArchive::maintain(WallTime now) {
  {
    const std::scoped_lock lock(adding_);
    if (current_ && current_->records() > 0) {
      const WallTime since = current_since_.value_or(now);
      current_since_ = since;
      // A clock that was set back must not keep it open.
      if (now - since >= options_.open_max || since - now >= options_.open_max) close_current();
    }
  }
  TG_TRY(const bool sealed, seal_oldest(now));
  return sealed ? Result<bool>(true) : expire(now);
}

void RequestArchive::close_current() {
  current_since_.reset();
  if (current_) put_aside(std::exchange(current_, nullptr));
}

// To be sealed, if it has anything.
void RequestArchive::put_aside(std::shared_ptr<OpenFile> file) {
  if (file->records() == 0) return retire_open(*file);
  const std::scoped_lock lock(full_mutex_);
  full_.push_back({.file = std::move(file), .rings = as_positions(marks_)});
}

std::size_t RequestArchive::waiting() const {
  const std::scoped_lock lock(full_mutex_);
  return full_.size();
}

std::optional<RequestArchive::Full> RequestArchive::oldest_full() const {
  const std::scoped_lock lock(full_mutex_);
  return full_.empty() ? std::nullopt : std::optional(full_.front());
}

// False: there was none.
Result<bool> RequestArchive::seal_oldest(WallTime now) {
  const std::scoped_lock lock(sealing_);
  const auto full = oldest_full();
  if (!full) return false;
  const SealFacts facts{.now_ns = now.time_since_epoch().count(), .rings = full->rings};
  auto sealed = seal(io_, files_, *full->file, facts);
  while (!sealed && sealed.error().disk_full && remove_oldest()) sealed = seal(io_, files_, *full->file, facts);
  if (!sealed) return fail(codes::store_unavailable, sealed.error().reason);
  catalog_.put(full->file->number(), *sealed);
  {
    const std::scoped_lock full_lock(full_mutex_);
    full_.erase(full_.begin());
  }
  retire_open(*full->file);
  return true;
}

// Its records are elsewhere, or it has none. One that stays behind all the same is seen at the next start.
void RequestArchive::retire_open(const OpenFile& file) {
  const std::string path = files_.path(ArchiveKind::open, file.number());
  if (!file.unread_from()) {
    io_.unlink(path);
    if (file.records() == 0) remove_entry(file.number());
    return;
  }
  // What could not be read of it may be read by other means.
  const std::string copy = files_.copy_path(file.number(), *file.unread_from());
  if (io_.rename(path, copy) == 0) catalog_.add_copy(file.number(), {.path = copy, .bytes = file.bytes()});
  if (file.records() == 0) catalog_.put(file.number(), nothing_of(file.number()));
}

Result<bool> RequestArchive::expire(WallTime now) {
  const auto file = catalog_.bytes() > options_.bytes_max ? catalog_.oldest_sealed() : expired(now);
  if (file == nullptr) return false;
  if (!remove(*file)) return fail(codes::io_failed, str::cat("cannot remove ", file->path));
  return true;
}

// By the time of its newest record; but what claims to be of the future is as old as its file.
std::shared_ptr<const SealedFile> RequestArchive::expired(WallTime now) const {
  for (const auto& file : catalog_.sealed()) {
    const WallTime newest{Nanos(std::min(file->footer.last_ns(), file->footer.sealed_ns))};
    if (newest < now - options_.keep) return file;
  }
  return nullptr;
}

bool RequestArchive::remove_oldest() {
  const auto oldest = catalog_.oldest_sealed();
  return oldest != nullptr && remove(*oldest);
}

bool RequestArchive::remove(const SealedFile& file) {
  if (io_.unlink(file.path) != 0 && errno != ENOENT) return false;
  remove_entry(file.number);
  return true;
}

void RequestArchive::remove_entry(std::uint64_t number) {
  for (const std::string& copy : catalog_.remove(number)) io_.unlink(copy);
}

}  // namespace tollgate::stores
