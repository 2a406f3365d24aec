#include "stores/segments/recovery.h"

#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "stores/segments/segment_reader.h"

namespace tollgate::stores {
namespace {

using Positions = std::map<std::uint64_t, std::uint64_t>;

enum class Extent : std::uint8_t { head, all };

// What one segment says of the rings.
class Scan {
 public:
  Scan(std::uint64_t size, Extent extent, NameTable& names) : sound_end_(size), extent_(extent), names_(names) {}

  void run(SegmentReader reader) {
    const std::uint64_t size = sound_end_;
    reader.seek(kSegmentHeaderBytes);
    while (extent_ == Extent::all || in_head_) {
      const auto item = reader.next(size);
      if (!item) return;
      if (std::holds_alternative<SegmentReader::End>(*item)) {
        finished_ = true;
        return;
      }
      if (const auto* damage = std::get_if<SegmentReader::Damage>(&*item)) {
        in_head_ = false;
        if (damage->offset + damage->bytes == size) sound_end_ = damage->offset;
      } else if (const auto* record = std::get_if<const core::LoggedRecord*>(&*item)) {
        take(**record);
      } else {
        std::visit([&](const auto& frame) { take(frame); }, std::get<core::Frame>(*item));
      }
    }
  }

  // Where every ring stood at the beginning. Nothing when the head is damaged, or may have been cut: it is known to be
  // whole when a record follows.
  std::optional<Positions> head() const { return head_is_whole_ ? std::optional(head_) : std::nullopt; }
  const Positions& firsts() const { return firsts_; }
  const Positions& ends() const { return ends_; }
  bool finished() const { return finished_; }
  std::uint64_t sound_end() const { return sound_end_; }  // what follows, up to the file's end, is no frame

 private:
  void take(const core::NameDefinition& name) { names_.intern(name.kind, name.name); }
  // One by one.
  void take(const core::RecordsFrame&) {}
  // Of batches, not of segments.
  void take(const core::DecisionFrame&) {}
  void take(const core::BatchFrame&) {}
  void take(const core::AggregateFrame&) {}
  void take(const core::RowsFrame&) {}
  void take(const core::RingPosition& position) {
    if (in_head_) head_[position.ring_id] = position.next_sequence;
    saw(position.ring_id, position.next_sequence, position.next_sequence);
  }
  void take(const core::LoggedRecord& one) {
    head_is_whole_ = head_is_whole_ || (in_head_ && !head_.empty());
    in_head_ = false;
    saw(one.ring_id, one.record.sequence, one.record.sequence + 1);
  }
  void saw(std::uint64_t ring_id, std::uint64_t first, std::uint64_t end) {
    firsts_.try_emplace(ring_id, first);
    ends_[ring_id] = std::max(ends_[ring_id], end);
  }

  std::uint64_t sound_end_;
  Extent extent_;
  NameTable& names_;
  bool in_head_ = true;
  bool head_is_whole_ = false;
  bool finished_ = false;
  Positions head_;
  Positions firsts_;
  Positions ends_;
};

// Cuts what follows the last sound frame, and makes sure of what stands before. False: the disk does not confirm it.
bool cut_and_sync(Io& io, const std::string& path, std::uint64_t sound_end, std::uint64_t size) {
  const UniqueFd fd(io.open(path, O_WRONLY));
  if (!fd) return false;
  if (sound_end < size && io.ftruncate(fd.get(), sound_end) != 0) return false;
  return io.fdatasync(fd.get()) == 0;
}

std::vector<core::RingPosition> as_list(const Positions& positions) {
  std::vector<core::RingPosition> list;
  for (const auto& [ring_id, sequence] : positions) list.push_back({ring_id, sequence});
  return list;
}

}  // namespace

Result<RecoveredSegments> recover_segments(Io& io, SegmentSet& segments, NameTable& names) {
  TG_TRY(const std::vector<std::uint64_t> numbers, segments.scan_directory());
  RecoveredSegments recovered;
  if (!numbers.empty()) recovered.next_number = numbers.back() + 1;
  // From the newest back. What a segment's head says of the rings is where the one before it ended; only when no newer
  // head says so must a segment be read whole.
  std::optional<Positions> newer_head;
  for (auto number = numbers.rbegin(); number != numbers.rend(); ++number) {
    const std::string path = segments.path(*number);
    std::error_code error;
    const std::uint64_t size = std::filesystem::file_size(path, error);
    if (error) continue;
    Scan found(size, newer_head ? Extent::head : Extent::all, names);
    if (auto reader = SegmentReader::open(io, path)) found.run(*std::move(reader));
    Segment segment{.number = *number, .readable = size, .sealed = true, .ends = std::nullopt};
    if (newer_head) {
      segment.ends = as_list(*newer_head);
    } else if (found.finished()) {
      recovered.durable = cut_and_sync(io, path, found.sound_end(), size) && recovered.durable;
      recovered.torn_bytes += size - found.sound_end();
      segment.readable = found.sound_end();
      segment.ends = as_list(found.ends());
    }
    for (const auto& [ring_id, end] : found.ends()) {
      recovered.ring_ends[ring_id] = std::max(recovered.ring_ends[ring_id], end);
    }
    for (const auto& [ring_id, first] : found.firsts()) recovered.ring_begins[ring_id] = first;
    newer_head = found.head();
    segments.put(std::move(segment));
  }
  return recovered;
}

}  // namespace tollgate::stores
