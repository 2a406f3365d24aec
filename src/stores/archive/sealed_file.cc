#include "stores/archive/sealed_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>

#include "base/file.h"
#include "base/str.h"
#include "stores/archive/archive_files.h"
#include "stores/archive/archive_frames.h"

namespace tollgate::stores {
namespace {

// The frame that is exactly there. Nothing: it is damaged.
std::optional<ArchiveFrame> read_frame_at(Io& io, int fd, const FramePlace& place, ArchiveFrameType type,
                                          std::string& into) {
  if (place.bytes > kArchiveFrameBytesMax) return std::nullopt;
  str::resize_for_overwrite(into, place.bytes);
  if (!read_exactly(io, fd, place.offset, into)) return std::nullopt;
  const auto frame = read_archive_frame(into);
  if (!frame || frame->type != type || frame->whole.size() != into.size()) return std::nullopt;
  return *frame;
}

std::optional<SealedFooter> read_footer(Io& io, int fd, std::uint64_t size) {
  std::string bytes(kSealedTrailerBytes, '\0');
  if (size < kArchiveHeaderBytes + kSealedTrailerBytes) return std::nullopt;
  const std::uint64_t end = size - kSealedTrailerBytes;
  if (!read_exactly(io, fd, end, bytes)) return std::nullopt;
  const auto length = read_trailer(bytes);
  if (!length || *length > end - kArchiveHeaderBytes) return std::nullopt;
  const auto frame =
      read_frame_at(io, fd, {.offset = end - *length, .bytes = *length}, ArchiveFrameType::footer, bytes);
  return frame ? decode_footer(frame->payload) : std::nullopt;
}

// Finds out what a lost footer said, from the blocks themselves.
class FooterRebuild {
 public:
  explicit FooterRebuild(std::int64_t now_ns) : footer_{.sealed_ns = now_ns} {}

  SealedFooter run(std::string_view bytes) {
    ArchiveFrames frames(bytes, kArchiveHeaderBytes);
    bool ended_sound = true;
    while (const auto item = frames.next()) {
      ended_sound = item->has_value();
      if (!ended_sound) ++footer_.damaged;
      if (!ended_sound || (*item)->type != ArchiveFrameType::block) continue;
      if (!add_block(**item, frames.offset() - (*item)->whole.size())) ++footer_.damaged;
    }
    // The trailer, which is no frame, ends a file that is whole.
    if (ended_sound) ++footer_.damaged;
    for (const auto& [ring_id, next] : rings_) footer_.rings.push_back({.ring_id = ring_id, .next_sequence = next});
    return std::move(footer_);
  }

 private:
  bool add_block(const ArchiveFrame& frame, std::uint64_t offset) {
    LoadedBlock block;
    std::vector<std::uint32_t> rows;
    std::vector<core::LoggedRecord> records;
    if (footer_.blocks.size() == kIndexedBlocksMax || !block.load(frame.payload)) return false;
    if (!block.reader().select_all(rows) || !block.reader().read(rows, records)) return false;
    footer_.blocks.push_back({.place = {.offset = offset, .bytes = frame.whole.size()},
                              .records = block.reader().records(),
                              .first_ns = records.front().record.time_ns,
                              .last_ns = records.back().record.time_ns});
    for (const core::LoggedRecord& one : records) {
      std::uint64_t& next = rings_[one.ring_id];
      next = std::max(next, one.record.sequence + 1);
    }
    return true;
  }

  SealedFooter footer_;
  std::map<std::uint64_t, std::uint64_t> rings_;
};

std::unexpected<Error> cannot_open(const std::string& path) {
  return fail(codes::io_failed, str::cat("cannot open ", path, ": ", system_error_text()));
}

}  // namespace

std::shared_ptr<const SealedFile> SealedFile::open(Io& io, std::string path, std::uint64_t number,
                                                   std::int64_t now_ns) {
  auto file = std::make_shared<SealedFile>();
  file->number = number;
  const UniqueFd fd = open_to_read(io, path);
  struct stat status{};
  if (fd && ::fstat(fd.get(), &status) == 0) file->bytes = static_cast<std::uint64_t>(status.st_size);
  auto footer = fd ? read_footer(io, fd.get(), file->bytes) : std::nullopt;
  file->rebuilt = !footer;
  file->footer = footer ? *std::move(footer) : FooterRebuild(now_ns).run(read_archive_bytes(io, path).bytes);
  file->path = std::move(path);
  return file;
}

std::shared_ptr<const SealedFile> SealedFile::nothing(std::string path, std::uint64_t number, std::int64_t now_ns) {
  auto file = std::make_shared<SealedFile>();
  file->number = number;
  file->path = std::move(path);
  file->footer = {.sealed_ns = now_ns, .damaged = 1};
  return file;
}

Result<ArchiveRead> SealedFile::find(Io& io, std::span<const TermHash> terms, BlockMask& blocks) const {
  const BlockMask all = (BlockMask{1} << footer.blocks.size()) - 1;
  blocks = all;
  if (terms.empty() || footer.index.empty()) return ArchiveRead::sound;
  const UniqueFd fd = open_to_read(io, path);
  if (!fd && errno == ENOENT) return ArchiveRead::gone;
  if (!fd) return cannot_open(path);
  std::string page_bytes;
  for (const TermHash term : terms) {
    const std::size_t page = term_page(term, footer.index.size());
    const auto frame = read_frame_at(io, fd.get(), footer.index[page], ArchiveFrameType::index_page, page_bytes);
    const auto found = frame ? find_term(frame->payload, page, footer.index.size(), term) : std::nullopt;
    if (!found) {
      blocks = all;
      return ArchiveRead::damaged;
    }
    blocks &= *found;
  }
  return ArchiveRead::sound;
}

Result<ArchiveRead> LoadedBlock::load(Io& io, const std::string& path, const SealedBlock& block) {
  const UniqueFd fd = open_to_read(io, path);
  if (!fd && errno == ENOENT) return ArchiveRead::gone;
  if (!fd) return cannot_open(path);
  const auto frame = read_frame_at(io, fd.get(), block.place, ArchiveFrameType::block, bytes_);
  return frame && load(frame->payload) ? ArchiveRead::sound : ArchiveRead::damaged;
}

bool LoadedBlock::load(std::string_view payload) {
  reader_.reset();
  packed_ = PackedBlock::open(payload, decompressor_);
  if (!packed_) return false;
  reader_ = core::RecordBlockReader::open(packed_->head(), *packed_);
  return reader_.has_value() && reader_->parts() == packed_->parts();
}

}  // namespace tollgate::stores
