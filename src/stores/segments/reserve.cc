#include "stores/segments/reserve.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <limits>
#include <span>
#include <system_error>

#include "base/assert.h"
#include "base/str.h"

namespace tollgate::stores {
namespace {

// Joined counts grow up to this: one batch, and no more to write again than that.
constexpr std::size_t kJoinedBytesMax = 1u << 20;
constexpr std::uint64_t kHalfBytesMin = 4096;
// Kept for notes of what was lost, which are small and can be joined.
constexpr std::uint64_t kNoteBytesMax = 64u << 10;
constexpr std::array<char, kReserveHeadBytes> kNoEntry{};

}  // namespace

bool Reserve::is_open() const {
  const std::scoped_lock lock(mutex_);
  return static_cast<bool>(fd_);
}

Result<bool> Reserve::open(Contents contents) {
  const std::scoped_lock lock(mutex_);
  if (fd_) return true;
  UniqueFd fd(io_.open(path_, O_RDWR));
  if (!fd && errno == ENOENT) return make_file();
  if (!fd) return unreadable();
  std::error_code why;
  const std::uint64_t size = std::filesystem::file_size(path_, why);
  if (why) return unreadable();
  if (size / 2 < kHalfBytesMin) {
    fd.reset();
    return io_.unlink(path_) == 0 && make_file();
  }
  // Not "no room": what it has would be given up.
  if (!sync_directory_of(io_, path_)) return unreadable();
  fd_ = std::move(fd);
  half_bytes_ = size / 2;
  std::vector<Found> found;
  if (!read_half(0, found) || !read_half(1, found)) {
    auto error = unreadable();
    fd_.reset();
    return error;
  }
  for (const Found& one : found) last_generation_ = std::max(last_generation_, one.generation);
  generation_ = ++last_generation_;
  is_spoilt_ = !found.empty();  // where the last write ended is not looked for
  if (contents == Contents::take_up) {
    found_ = std::move(found);
  } else {
    clear_if_empty();
  }
  return true;
}

// Under another name until it has its space.
bool Reserve::make_file() {
  const std::string beside = path_ + ".new";
  UniqueFd made(io_.open(beside, O_RDWR | O_CREAT | O_TRUNC));
  if (!made) return false;
  if (!allocate_all(io_, made.get(), 2 * half_bytes_) || io_.rename(beside, path_) != 0) {
    io_.unlink(beside);
    return false;
  }
  if (!sync_directory_of(io_, path_)) return false;  // the next attempt finds it and syncs it again
  fd_ = std::move(made);
  return true;
}

std::unexpected<Error> Reserve::unreadable() const {
  return fail(codes::data_dir_unusable, str::cat("cannot read ", path_, ": ", system_error_text()));
}

// What stands there in sound entries of one generation. An entry that is damaged costs itself. False: the disk fails.
bool Reserve::read_half(std::uint64_t half, std::vector<Found>& found) {
  std::optional<std::uint64_t> generation;
  std::uint64_t at = half * half_bytes_;
  const std::uint64_t half_end = at + half_bytes_;
  std::string head_bytes(kReserveHeadBytes, '\0');
  while (at + kReserveHeadBytes < half_end) {
    if (read_all(io_, fd_.get(), head_bytes, at) < 0) return false;
    const auto head = read_reserve_head(head_bytes);
    if (!head || at + kReserveHeadBytes + head->length > half_end) return true;
    if (generation && *generation != head->generation) return true;
    std::string batch(head->length, '\0');
    if (read_all(io_, fd_.get(), batch, at + kReserveHeadBytes) < 0) return false;
    at += kReserveHeadBytes + batch.size();
    auto entry = decode_entry(head_bytes, batch);
    if (!entry) continue;
    generation = head->generation;
    found.push_back({.entry = *std::move(entry), .half = half, .generation = head->generation});
  }
  return true;
}

// The newest first: what an older one says of the same sequences was joined into it, or was not confirmed. When both
// halves have some that count, the change to the newer was not finished, and the older has all of them.
void Reserve::take_up(const SentEnds& sent) {
  const std::scoped_lock lock(mutex_);
  std::vector<Found> found = std::exchange(found_, {});
  std::erase_if(found, [&](const Found& one) {
    const auto end = sent.find(one.entry.batch.ring_id);
    return end != sent.end() && one.entry.first() < end->second && end->second < one.entry.end();
  });
  // Each half is of one generation.
  const bool is_second_older = !found.empty() && found.front().generation > found.back().generation;
  if (is_second_older) std::ranges::rotate(found, std::ranges::find(found, found.back().half, &Found::half));
  for (auto one = found.rbegin(); one != found.rend(); ++one) {
    const auto overlaps = [&](const Entry& other) {
      return other.first() < one->entry.end() && one->entry.first() < other.end();
    };
    if (std::ranges::any_of(rings_[one->entry.batch.ring_id].entries, overlaps)) continue;
    half_ = one->half;
    insert(rings_, std::move(one->entry));
  }
  clear_if_empty();
}

void Reserve::insert(Rings& rings, Entry entry) {
  std::vector<Entry>& entries = rings[entry.batch.ring_id].entries;
  const auto at = std::ranges::lower_bound(entries, entry.first(), {}, &Entry::first);
  TG_ASSERT(at == entries.end() || entry.end() <= at->first());
  TG_ASSERT(at == entries.begin() || std::prev(at)->end() <= entry.first());
  entries.insert(at, std::move(entry));
}

bool Reserve::append(const std::vector<Entry>& entries) {
  const std::scoped_lock lock(mutex_);
  if (!fd_) return false;
  return (!is_spoilt_ && append_to_half(entries)) || change_halves(entries);
}

bool Reserve::append_to_half(const std::vector<Entry>& entries) {
  std::string bytes;
  for (const Entry& entry : entries) bytes += encode_entry(entry, generation_);
  if (used_ + bytes.size() > room_for(entries)) return false;
  if (!write_and_sync(bytes, half_, used_)) return false;
  used_ += bytes.size();
  for (const Entry& entry : entries) insert(rings_, entry);
  return true;
}

// What of a half may be used.
std::uint64_t Reserve::room_for(const std::vector<Entry>& entries) const {
  if (std::ranges::all_of(entries, &Entry::is_note)) return half_bytes_;
  return half_bytes_ - std::min(kNoteBytesMax, half_bytes_ / 8);
}

bool Reserve::change_halves(const std::vector<Entry>& added) {
  Rings rings = rings_;
  for (const Entry& entry : added) insert(rings, entry);
  const std::uint64_t generation = ++last_generation_;
  std::string bytes;
  for (auto& [ring_id, ring] : rings) {
    join_neighbours(ring);
    for (const Entry& entry : ring.entries) bytes += encode_entry(entry, generation);
  }
  if (bytes.size() > room_for(added)) return false;
  if (!write_and_sync(bytes, 1 - half_, 0)) return false;
  half_ = 1 - half_;
  generation_ = generation;
  used_ = bytes.size();
  is_spoilt_ = false;
  rings_ = std::move(rings);
  return true;
}

void Reserve::join_neighbours(Ring& ring) {
  std::vector<Entry> kept;
  for (Entry& next : ring.entries) {
    const bool adjoins = !kept.empty() && kept.back().end() == next.first() && next.first() != ring.apart;
    auto both = adjoins ? joined(kept.back(), next) : std::nullopt;
    if (both && core::encode_batch(both->batch).size() <= kJoinedBytesMax) {
      kept.back() = *std::move(both);
    } else {
      kept.push_back(std::move(next));
    }
  }
  ring.entries = std::move(kept);
}

bool Reserve::write_and_sync(std::string_view bytes, std::uint64_t half, std::uint64_t offset) {
  const std::uint64_t at = half * half_bytes_ + offset;
  if (write_all(io_, fd_.get(), bytes, at) && io_.fdatasync(fd_.get()) == 0) return true;
  // What is there now may be read at a start, though nobody counts on it: better not. And after a failed sync nobody
  // knows what of this half is on the disk.
  is_spoilt_ = is_spoilt_ || half == half_;
  write_all(io_, fd_.get(), {kNoEntry.data(), kNoEntry.size()}, at);
  return false;
}

void Reserve::clear_if_empty() {
  std::erase_if(rings_, [](const auto& ring) { return ring.second.entries.empty() && ring.second.apart == 0; });
  if (!fd_ || std::ranges::any_of(rings_, [](const auto& ring) { return !ring.second.entries.empty(); })) return;
  if (used_ == 0 && !is_spoilt_) return;
  // So that the next start has less to look at; what it would find was sent.
  for (const std::uint64_t half : {0u, 1u}) {
    write_all(io_, fd_.get(), {kNoEntry.data(), kNoEntry.size()}, half * half_bytes_);
  }
  generation_ = ++last_generation_;
  used_ = 0;
  is_spoilt_ = false;
}

std::vector<std::uint64_t> Reserve::ring_ids() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::uint64_t> ids;
  for (const auto& [ring_id, ring] : rings_) {
    if (!ring.entries.empty()) ids.push_back(ring_id);
  }
  return ids;
}

std::vector<Reserve::Range> Reserve::ranges(std::uint64_t ring_id) const {
  const std::scoped_lock lock(mutex_);
  std::vector<Range> ranges;
  for (const Entry& entry : entries_of(ring_id)) ranges.push_back({.first = entry.first(), .end = entry.end()});
  return ranges;
}

ReserveSum Reserve::sum(std::uint64_t ring_id) const {
  return sum_through(ring_id, std::numeric_limits<std::uint64_t>::max());
}

ReserveSum Reserve::sum_through(std::uint64_t ring_id, std::uint64_t through) const {
  const std::scoped_lock lock(mutex_);
  ReserveSum sum;
  for (const Entry& entry : entries_of(ring_id)) {
    if (entry.end() <= through) sum += entry.sum();
  }
  return sum;
}

std::optional<Reserve::Entry> Reserve::entry_across(std::uint64_t ring_id, std::uint64_t at) const {
  const std::scoped_lock lock(mutex_);
  for (const Entry& entry : entries_of(ring_id)) {
    if (entry.first() < at && at < entry.end()) return entry;
  }
  return std::nullopt;
}

std::span<const Reserve::Entry> Reserve::entries_of(std::uint64_t ring_id) const {
  const auto ring = rings_.find(ring_id);
  return ring == rings_.end() ? std::span<const Entry>() : std::span<const Entry>(ring->second.entries);
}

std::optional<core::RecordBatch> Reserve::take(std::uint64_t ring_id, std::uint64_t first) {
  const std::scoped_lock lock(mutex_);
  for (const Entry& entry : entries_of(ring_id)) {
    if (entry.first() != first) continue;
    rings_[ring_id].apart = entry.end();
    return entry.batch;
  }
  return std::nullopt;
}

void Reserve::keep_apart(std::uint64_t ring_id, std::uint64_t at) {
  const std::scoped_lock lock(mutex_);
  rings_[ring_id].apart = at;
}

void Reserve::remove_below(std::uint64_t ring_id, std::uint64_t through) {
  const std::scoped_lock lock(mutex_);
  const auto ring = rings_.find(ring_id);
  if (ring == rings_.end()) return;
  std::erase_if(ring->second.entries, [&](const Entry& entry) { return entry.first() < through; });
  clear_if_empty();
}

}  // namespace tollgate::stores
