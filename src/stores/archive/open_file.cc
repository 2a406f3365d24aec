#include "stores/archive/open_file.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/file.h"
#include "core/usage/packed_rows.h"
#include "stores/archive/archive_frames.h"

namespace tollgate::stores {

namespace {

constexpr std::size_t kCopyBytesMax = 1u << 20;

}  // namespace

std::vector<core::RingPosition> as_positions(const RingMarks& marks) {
  std::vector<core::RingPosition> positions;
  for (const auto& [ring_id, next] : marks) positions.push_back({.ring_id = ring_id, .next_sequence = next});
  return positions;
}

std::expected<std::shared_ptr<OpenFile>, ArchiveFault> OpenFile::create(Io& io, const ArchiveFiles& files,
                                                                        std::uint64_t number, const RingMarks& marks) {
  const std::string path = files.path(ArchiveKind::open, number);
  std::string head = archive_header(ArchiveKind::open, number);
  for (const core::RingPosition& position : as_positions(marks)) core::append_frame(head, position);
  auto writer = ArchiveWriter::create(io, path);
  if (!writer) return std::unexpected(std::move(writer).error());
  auto made = writer->append(head);
  if (made) made = writer->sync();
  if (made) made = sync_directory(io, files.directory());
  if (!made) {
    io.unlink(path);
    return std::unexpected(std::move(made).error());
  }
  std::shared_ptr<OpenFile> file(new OpenFile(number));
  file->writer_ = *std::move(writer);
  file->bytes_ = head.size();
  return file;
}

ArchiveWrite OpenFile::append(std::uint64_t ring_id, std::span<const core::DecisionRecord> records,
                              std::span<const core::NameDefinition> names) {
  std::string bytes;
  std::vector<const core::NameDefinition*> new_names;
  for (const core::NameDefinition& name : names) {
    if (names_.has(name)) continue;
    core::append_frame(bytes, name);
    new_names.push_back(&name);
  }
  std::vector<std::pair<std::string, std::span<const core::DecisionRecord>>> pieces;
  for (std::size_t from = 0; from < records.size(); from += core::kBatchRecordsMax) {
    const auto some = records.subspan(from, std::min(core::kBatchRecordsMax, records.size() - from));
    auto& [rows, ignored] = pieces.emplace_back(std::string(), some);
    core::append_rows(rows, ring_id, some);
    rows.shrink_to_fit();
    append_archive_frame(bytes, ArchiveFrameType::rows, rows);
  }
  auto written = writer_->append(bytes);
  if (written) written = writer_->sync();
  if (!written) return written;
  for (const core::NameDefinition* name : new_names) names_.add(*name);
  const std::scoped_lock lock(mutex_);
  for (auto& [rows, some] : pieces) records_.add(std::move(rows), some);
  bytes_ = writer_->written();
  return {};
}

std::size_t OpenFile::records() const {
  const std::scoped_lock lock(mutex_);
  return records_.count();
}

std::uint64_t OpenFile::bytes() const {
  const std::scoped_lock lock(mutex_);
  return bytes_;
}

OpenRecordsView OpenFile::view() const {
  const std::scoped_lock lock(mutex_);
  return records_.view();
}

// Reads a file of an earlier run, frame by frame.
class OpenFile::Recovery {
 public:
  Recovery(OpenFile& file, const ArchiveFiles& files, RingMarks& marks) : file_(file), files_(files), marks_(marks) {}

  // Returns where the last sound frame ends.
  std::uint64_t run(std::string_view bytes) {
    if (!is_archive_header(bytes, ArchiveKind::open)) {
      if (bytes.size() < kArchiveHeaderBytes) return 0;  // torn at its very begin: nothing was ever confirmed
      note_damage(bytes, {.offset = 0, .bytes = kArchiveHeaderBytes});
    }
    ArchiveFrames frames(bytes, kArchiveHeaderBytes);
    std::uint64_t sound_end = kArchiveHeaderBytes;
    std::optional<ArchiveFrames::Damage> pending;  // a torn tail, unless something sound follows
    while (const auto item = frames.next()) {
      if (!item->has_value()) {
        pending = item->error();
        continue;
      }
      if (pending) note_damage(bytes, *std::exchange(pending, std::nullopt));
      if (!take(**item)) note_damage(bytes, {.offset = sound_end, .bytes = (*item)->whole.size()});
      sound_end = frames.offset();
    }
    return sound_end;
  }

 private:
  // False: its checksum is right, and yet it makes no sense.
  bool take(const ArchiveFrame& frame) {
    if (frame.type == ArchiveFrameType::rows) return take_rows(frame.payload);
    if (frame.type != ArchiveFrameType::name && frame.type != ArchiveFrameType::ring_position) return false;
    const auto read = core::read_frame(frame.whole);
    if (!read) return false;
    if (const auto* name = std::get_if<core::NameDefinition>(&read->frame)) file_.names_.add(*name);
    if (const auto* ring = std::get_if<core::RingPosition>(&read->frame)) advance(ring->ring_id, ring->next_sequence);
    return true;
  }
  // A batch whose sync failed stands in the next file again.
  bool take_rows(std::string_view payload) {
    std::vector<core::LoggedRecord> rows;
    if (!core::take_rows(payload, rows) || !payload.empty()) return false;
    std::vector<core::DecisionRecord> unknown;
    const std::uint64_t ring_id = rows.front().ring_id;
    for (const core::LoggedRecord& one : rows) {
      if (one.record.sequence < marks_[ring_id]) continue;
      unknown.push_back(one.record);
      advance(ring_id, one.record.sequence + 1);
    }
    if (unknown.empty()) return true;
    std::string packed;
    core::append_rows(packed, ring_id, unknown);
    file_.records_.add(std::move(packed), unknown);
    return true;
  }
  void advance(std::uint64_t ring_id, std::uint64_t next) {
    std::uint64_t& mark = marks_[ring_id];
    mark = std::max(mark, next);
  }
  // The copy is for people to look at; that it cannot be made changes nothing.
  void note_damage(std::string_view bytes, ArchiveFrames::Damage damage) {
    ++file_.damaged_;
    const std::string_view bad = bytes.substr(damage.offset, std::min(damage.bytes, kCopyBytesMax));
    const std::string path = files_.copy_path(file_.number_, damage.offset);
    if (write_file_atomic(path, bad, 0600)) file_.copies_.push_back({.path = path, .bytes = bad.size()});
  }

  OpenFile& file_;
  const ArchiveFiles& files_;
  RingMarks& marks_;
};

std::shared_ptr<OpenFile> OpenFile::recover(Io& io, const ArchiveFiles& files, std::uint64_t number, RingMarks& marks) {
  const std::string path = files.path(ArchiveKind::open, number);
  const ArchiveBytes read = read_archive_bytes(io, path);
  std::shared_ptr<OpenFile> file(new OpenFile(number));
  const std::uint64_t sound_end = Recovery(*file, files, marks).run(read.bytes);
  file->bytes_ = read.problem.empty() ? sound_end : read.bytes.size();
  if (!read.problem.empty()) {
    file->unread_from_ = sound_end;
    ++file->damaged_;
  }
  if (file->damaged_ > 0 || sound_end == 0) return file;
  if (auto writer = ArchiveWriter::reopen(io, path, sound_end)) file->writer_ = *std::move(writer);
  return file;
}

}  // namespace tollgate::stores
