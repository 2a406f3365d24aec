#include "stores/segments/log_writer.h"

#include <algorithm>
#include <functional>

namespace tollgate::stores {
namespace {
constexpr std::size_t kRecordsPerWrite = 512;
// So much in the open segment that its room is worth having: it can be removed once it is sealed and shipped.
constexpr std::uint64_t kSealedForRoomBytes = 1u << 20;
}  // namespace

void LogWriter::begin(std::uint64_t next_number) {
  next_number_ = next_number;
  for (const auto& ring : book_.rings()) confirmed_.push_back(ring->tail());
  written_ = confirmed_;
}

void LogWriter::add_ring() {
  confirmed_.push_back(book_.rings().back()->tail());
  written_.push_back(confirmed_.back());
}

bool LogWriter::step(MonoTime now, Commit when) {
  // Whatever a record below these heads refers to is in the table of names by then.
  std::vector<std::uint64_t> heads;
  for (const auto& ring : book_.rings()) heads.push_back(ring->head());
  if (written_ != heads && ready_to_write(now)) {
    if (segment_->synced() == segment_->written()) oldest_unsynced_ = now;
    WriteResult result;
    for (std::size_t i = 0; i < heads.size() && result; ++i) result = write_ring(i, heads[i]);
    if (!result) note_failure(result.error(), now);
  }
  // Also when nothing was written, because a power cut had taken all there was.
  if (segment_ && written_ != confirmed_ &&
      (when == Commit::now || now - oldest_unsynced_ >= options_.commit_interval)) {
    if (const auto committed = commit(); !committed) note_failure(committed.error(), now);
  }
  if (segment_ && segment_->synced() == segment_->written() &&
      (segment_->written() >= options_.segment_bytes_max || now - segment_begun_ >= options_.segment_age_max)) {
    seal();
  }
  const bool all_durable = std::ranges::equal(heads, confirmed_, std::ranges::less_equal());
  if (all_durable) refused_.store(false, std::memory_order_relaxed);
  if (is_refused()) shed(now);
  return all_durable;
}

bool LogWriter::ready_to_write(MonoTime now) {
  if (now < retry_at_) return false;
  if (segment_) return true;
  const auto begun = begin_segment(now);
  if (!begun) note_failure(begun.error(), now);
  return begun.has_value();
}

WriteResult LogWriter::begin_segment(MonoTime now) {
  const std::uint64_t number = next_number_++;
  buffer_ = segment_header(number);
  for (const core::RingPosition& position : positions(written_)) core::append_frame(buffer_, position);
  auto created = SegmentWriter::create(io_, segments_.path(number), buffer_);
  if (!created) return std::unexpected(created.error());
  segment_ = *std::move(created);
  segment_names_.forget();
  number_ = number;
  segment_begun_ = now;
  segments_.put({.number = number, .readable = segment_->synced(), .sealed = false, .ends = std::nullopt});
  return {};
}

WriteResult LogWriter::write_ring(std::size_t index, std::uint64_t head) {
  const Ring& ring = *book_.rings()[index];
  while (written_[index] < head) {
    const std::uint64_t end = std::min(head, written_[index] + kRecordsPerWrite);
    buffer_.clear();
    for (std::uint64_t first = written_[index]; first < end; first += core::kRecordsInFrameMax) {
      append_records(ring, first, std::min(end, first + core::kRecordsInFrameMax));
    }
    if (auto result = segment_->append(buffer_); !result) {
      segment_names_.undo();
      return result;
    }
    segment_names_.keep();
    written_[index] = end;
  }
  return {};
}

void LogWriter::append_records(const Ring& ring, std::uint64_t first, std::uint64_t end) {
  frame_.clear();
  for (std::uint64_t sequence = first; sequence < end; ++sequence) {
    // One that a power cut took is left out; the shipper sees the gap and counts it.
    const core::DecisionRecord* record = ring.at(sequence);
    if (record == nullptr) continue;
    segment_names_.define(*record, buffer_);
    frame_.push_back(*record);
  }
  if (!frame_.empty()) core::append_frame(buffer_, ring.id(), frame_);
}

WriteResult LogWriter::commit() {
  if (auto synced = segment_->sync(); !synced) return synced;
  confirmed_ = written_;
  for (std::size_t i = 0; i < confirmed_.size(); ++i) book_.rings()[i]->release(confirmed_[i]);
  segments_.publish(number_, segment_->synced(), positions(confirmed_));
  return {};
}

void LogWriter::seal() {
  segments_.put({.number = number_, .readable = segment_->synced(), .sealed = true, .ends = positions(confirmed_)});
  segment_.reset();
  written_ = confirmed_;
}

void LogWriter::note_failure(WriteFault fault, MonoTime now) {
  failures_.fetch_add(1, std::memory_order_relaxed);
  // A broken segment is left at once: the next one begins with what this one had not confirmed.
  const bool was_broken = segment_ && segment_->broken();
  if (was_broken) seal();
  const bool has_room_again = fault == WriteFault::disk_full && make_room();
  refused_.store(!has_room_again, std::memory_order_relaxed);
  retry_at_ = has_room_again ? now : now + options_.retry_interval;
}

// Removes shipped segments, oldest first, until a segment fits. False: there was none.
bool LogWriter::make_room() {
  seal_for_room();
  std::uint64_t freed = 0;
  while (freed < options_.segment_bytes_max) {
    const auto segment = segments_.oldest_shipped();
    if (!segment || (segments_.is_last(segment->number) && !book_.sync_rings())) break;
    if (!segments_.unlink(io_, segment->number)) break;
    freed += segment->readable;
  }
  return freed > 0;
}

void LogWriter::seal_for_room() {
  if (!segment_ || segment_->written() < kSealedForRoomBytes) return;
  if (commit() || segment_->broken()) seal();
}

void LogWriter::shed(MonoTime now) {
  if (now < shed_at_) return;
  // What the open segment took keeps its detail.
  if (segment_ && !commit() && segment_->broken()) seal();
  std::vector<Shedder::Part> parts;
  for (std::size_t i = 0; i < confirmed_.size(); ++i) shed_ring(i, parts);
  if (parts.empty()) return;
  if (!shedder_.shed(parts)) {
    shed_at_ = now + options_.shed_interval;
    return;
  }
  for (const Shedder::Part& part : parts) {
    const auto ring = std::ranges::find(book_.rings(), part.ring_id, [](const auto& one) { return one->id(); });
    const auto index = static_cast<std::size_t>(ring - book_.rings().begin());
    written_[index] = confirmed_[index] = part.end;
    (*ring)->release(part.end);
    shed_records_.fetch_add(part.records.size(), std::memory_order_relaxed);
  }
}

// Of a ring that is more than half full, all but the newest quarter.
void LogWriter::shed_ring(std::size_t index, std::vector<Shedder::Part>& parts) const {
  const Ring& ring = *book_.rings()[index];
  const std::uint64_t head = ring.head();
  if (head - confirmed_[index] <= ring.capacity() / 2) return;
  const std::uint64_t end = head - ring.capacity() / 4;
  for (std::uint64_t first = confirmed_[index]; first < end; first = parts.back().end) {
    const std::uint64_t part_end = std::min<std::uint64_t>(end, first + core::kBatchRecordsMax);
    Shedder::Part part{.ring_id = ring.id(), .first = first, .end = part_end, .records = {}};
    for (std::uint64_t sequence = first; sequence < part_end; ++sequence) {
      // One that a power cut took is missing, and counts as lost.
      if (const core::DecisionRecord* record = ring.at(sequence)) part.records.push_back(*record);
    }
    parts.push_back(std::move(part));
  }
}

std::vector<core::RingPosition> LogWriter::positions(const std::vector<std::uint64_t>& of) const {
  std::vector<core::RingPosition> positions = book_.stray_ends();
  for (std::size_t i = 0; i < of.size(); ++i) positions.push_back({book_.rings()[i]->id(), of[i]});
  return positions;
}

}  // namespace tollgate::stores
