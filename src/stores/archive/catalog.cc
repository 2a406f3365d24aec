#include "stores/archive/catalog.h"

#include <algorithm>

namespace tollgate::stores {
namespace {

using Open = std::shared_ptr<const OpenFile>;
using Sealed = std::shared_ptr<const SealedFile>;

void widen(ports::RequestLogStats& stats, std::int64_t first_ns, std::int64_t last_ns) {
  const WallTime first{Nanos(first_ns)};
  const WallTime last{Nanos(last_ns)};
  stats.oldest = std::min(stats.oldest.value_or(first), first);
  stats.newest = std::max(stats.newest.value_or(last), last);
}

void add(ports::RequestLogStats& stats, const SealedFile& file) {
  stats.records += file.footer.records();
  stats.damaged += file.footer.damaged;
  if (!file.footer.blocks.empty()) widen(stats, file.footer.first_ns(), file.footer.last_ns());
}

void add(ports::RequestLogStats& stats, const OpenFile& file) {
  const OpenRecordsView view = file.view();
  stats.records += view.records();
  stats.damaged += file.damaged();
  for (const OpenRecordsView::Piece& piece : view.pieces) widen(stats, piece.first_ns, piece.last_ns);
}

}  // namespace

void ArchiveCatalog::put(std::uint64_t number, ArchiveEntry entry) {
  const std::scoped_lock lock(mutex_);
  entries_.insert_or_assign(number, std::move(entry));
}

void ArchiveCatalog::add_copy(std::uint64_t number, const ArchiveCopy& copy) {
  const std::scoped_lock lock(mutex_);
  copies_[{number, copy.path}] = copy.bytes;
}

std::vector<std::string> ArchiveCatalog::remove(std::uint64_t number) {
  const std::scoped_lock lock(mutex_);
  entries_.erase(number);
  damaged_.erase(damaged_.lower_bound({number, 0}), damaged_.lower_bound({number + 1, 0}));
  std::vector<std::string> copies;
  const auto first = copies_.lower_bound({number, {}});
  const auto end = copies_.lower_bound({number + 1, {}});
  for (auto at = first; at != end; ++at) copies.push_back(at->first.second);
  copies_.erase(first, end);
  return copies;
}

std::vector<std::pair<std::uint64_t, ArchiveEntry>> ArchiveCatalog::all() const {
  const std::scoped_lock lock(mutex_);
  return {entries_.begin(), entries_.end()};
}

std::optional<ArchiveEntry> ArchiveCatalog::find(std::uint64_t number) const {
  const std::scoped_lock lock(mutex_);
  const auto at = entries_.find(number);
  return at == entries_.end() ? std::nullopt : std::optional(at->second);
}

std::vector<Sealed> ArchiveCatalog::sealed() const {
  const std::scoped_lock lock(mutex_);
  std::vector<Sealed> sealed;
  for (const auto& [number, entry] : entries_) {
    if (const auto* file = std::get_if<Sealed>(&entry)) sealed.push_back(*file);
  }
  return sealed;
}

Sealed ArchiveCatalog::oldest_sealed() const {
  const std::scoped_lock lock(mutex_);
  for (const auto& [number, entry] : entries_) {
    if (const auto* file = std::get_if<Sealed>(&entry)) return *file;
  }
  return nullptr;
}

std::uint64_t ArchiveCatalog::bytes() const {
  const std::scoped_lock lock(mutex_);
  return bytes_locked();
}

std::uint64_t ArchiveCatalog::bytes_locked() const {
  std::uint64_t bytes = 0;
  for (const auto& [number, entry] : entries_) {
    bytes += std::holds_alternative<Sealed>(entry) ? std::get<Sealed>(entry)->bytes : std::get<Open>(entry)->bytes();
  }
  for (const auto& [copy, size] : copies_) bytes += size;
  return bytes;
}

ports::RequestLogStats ArchiveCatalog::stats() const {
  const std::scoped_lock lock(mutex_);
  ports::RequestLogStats stats{.bytes = bytes_locked(), .files = entries_.size(), .damaged = damaged_.size()};
  for (const auto& [number, entry] : entries_) {
    std::visit([&](const auto& file) { add(stats, *file); }, entry);
  }
  return stats;
}

void ArchiveCatalog::note_damage(std::uint64_t number, std::uint64_t offset) {
  const std::scoped_lock lock(mutex_);
  if (entries_.contains(number)) damaged_.emplace(number, offset);
}

}  // namespace tollgate::stores
