#include "stores/segments/log_writer.h"

#include <algorithm>

namespace tollgate::stores {
namespace {
constexpr std::size_t kRecordsPerWrite = 512;
}

void LogWriter::begin(std::uint64_t next_number) {
  next_number_ = next_number;
  for (const auto& ring : book_.rings()) confirmed_.push_back(ring->tail());
  written_ = confirmed_;
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
  if (segment_ && segment_->written() > segment_->synced() &&
      (when == Commit::now || now - oldest_unsynced_ >= options_.commit_interval)) {
    if (const auto committed = commit(); !committed) note_failure(committed.error(), now);
  }
  if (segment_ && segment_->synced() == segment_->written() &&
      (segment_->written() >= options_.segment_bytes_max || now - segment_begun_ >= options_.segment_age_max)) {
    seal();
  }
  return confirmed_ == heads;
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
    for (std::uint64_t sequence = written_[index]; sequence < end; ++sequence) {
      // One that a power cut took is left out; the shipper sees the gap and counts it.
      const core::DecisionRecord* record = ring.at(sequence);
      if (record == nullptr) continue;
      segment_names_.define(*record, buffer_);
      core::append_frame(buffer_, core::DecisionFrame{ring.id(), *record});
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

WriteResult LogWriter::commit() {
  if (auto synced = segment_->sync(); !synced) return synced;
  confirmed_ = written_;
  for (std::size_t i = 0; i < confirmed_.size(); ++i) book_.rings()[i]->release(confirmed_[i]);
  segments_.publish(number_, segment_->synced());
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
  retry_at_ = has_room_again ? now : now + options_.retry_interval;
}

// Removes shipped segments, oldest first, until a segment fits. False: there was none.
bool LogWriter::make_room() {
  std::uint64_t freed = 0;
  while (freed < options_.segment_bytes_max) {
    const auto segment = segments_.oldest_shipped();
    if (!segment || !segments_.unlink(io_, segment->number)) break;
    freed += segment->readable;
  }
  return freed > 0;
}

std::vector<core::RingPosition> LogWriter::positions(const std::vector<std::uint64_t>& of) const {
  std::vector<core::RingPosition> positions = book_.stray_ends();
  for (std::size_t i = 0; i < of.size(); ++i) positions.push_back({book_.rings()[i]->id(), of[i]});
  return positions;
}

}  // namespace tollgate::stores
