#include "stores/archive/inspection.h"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include "base/str.h"
#include "core/usage/frames.h"
#include "core/usage/packed_rows.h"
#include "stores/archive/archive_files.h"
#include "stores/archive/archive_frames.h"
#include "stores/archive/sealed_file.h"
#include "stores/archive/sealed_footer.h"
#include "stores/archive/term_index.h"

namespace tollgate::stores {
namespace {

class Inspector {
 public:
  Inspector(std::string_view bytes, ArchiveKind kind, const ArchiveVisitor& visit)
      : bytes_(bytes), kind_(kind), visit_(visit) {
    found_.bytes = bytes.size();
  }

  ArchiveInspection run() {
    const bool begins_torn = kind_ == ArchiveKind::open && bytes_.size() < kArchiveHeaderBytes;
    if (!begins_torn && !is_archive_header(bytes_, kind_))
      note(0, kArchiveHeaderBytes, "this is no header of its kind");
    ArchiveFrames frames(bytes_, kArchiveHeaderBytes);
    while (const auto item = frames.next()) {
      if (!item->has_value()) {
        note(item->error().offset, item->error().bytes, "no frame is sound here");
        continue;
      }
      const ArchiveFrame& frame = **item;
      const std::uint64_t offset = frames.offset() - frame.whole.size();
      if (!take(frame, offset)) note(offset, frame.whole.size(), "the checksum is right, the content makes no sense");
    }
    settle_end(begins_torn);
    return std::move(found_);
  }

 private:
  void note(std::uint64_t offset, std::uint64_t bytes, std::string what) {
    found_.damage.push_back({.offset = offset, .bytes = bytes, .what = std::move(what)});
  }

  bool take(const ArchiveFrame& frame, std::uint64_t offset) {
    switch (frame.type) {
      case ArchiveFrameType::name:
      case ArchiveFrameType::ring_position: return take_core_frame(frame.whole);
      case ArchiveFrameType::rows: return kind_ == ArchiveKind::open && take_rows(frame.payload);
      case ArchiveFrameType::block: return kind_ == ArchiveKind::sealed && take_block(frame, offset);
      case ArchiveFrameType::index_page: pages_.emplace(offset, frame.payload); return kind_ == ArchiveKind::sealed;
      case ArchiveFrameType::footer:
        footer_ = decode_footer(frame.payload);
        footer_begin_ = offset;
        return kind_ == ArchiveKind::sealed && footer_.has_value();
    }
    return false;
  }
  bool take_core_frame(std::string_view whole) {
    const auto read = core::read_frame(whole);
    if (!read) return false;
    if (const auto* name = std::get_if<core::NameDefinition>(&read->frame)) names_.add(*name);
    return true;
  }
  bool take_rows(std::string_view payload) {
    std::vector<core::LoggedRecord> rows;
    if (!core::take_rows(payload, rows) || !payload.empty()) return false;
    for (const core::LoggedRecord& row : rows) take_record(row);
    return true;
  }
  bool take_block(const ArchiveFrame& frame, std::uint64_t offset) {
    LoadedBlock block;
    std::vector<std::uint32_t> rows;
    std::vector<core::LoggedRecord> records;
    if (!block.load(frame.payload) || !block.reader().select_all(rows) || !block.reader().read(rows, records)) {
      return false;
    }
    if (!std::ranges::is_sorted(records, {}, &core::RecordPosition::of)) return false;
    blocks_.push_back({.place = {.offset = offset, .bytes = frame.whole.size()},
                       .records = static_cast<std::uint32_t>(records.size()),
                       .first_ns = records.front().record.time_ns,
                       .last_ns = records.back().record.time_ns});
    terms_.emplace_back();
    for (const core::LoggedRecord& one : records) {
      append_terms(one.record, terms_.back());
      take_record(one);
    }
    return true;
  }
  void take_record(const core::LoggedRecord& one) {
    ++found_.records;
    const std::int64_t time = one.record.time_ns;
    found_.oldest_ns = std::min(found_.oldest_ns.value_or(time), time);
    found_.newest_ns = std::max(found_.newest_ns.value_or(time), time);
    if (visit_) visit_(one, names_);
  }

  // What is torn at the end of an open file is no damage; a sealed one ends with its trailer, which is no frame.
  void settle_end(bool begins_torn) {
    auto& damage = found_.damage;
    const bool at_end = !damage.empty() && damage.back().offset + damage.back().bytes == bytes_.size();
    if (kind_ == ArchiveKind::open) {
      if (begins_torn) found_.torn_bytes = bytes_.size();
      if (!at_end) return;
      found_.torn_bytes = damage.back().bytes;
      damage.pop_back();
      return;
    }
    const auto length = read_trailer(bytes_.substr(bytes_.size() - std::min(bytes_.size(), kSealedTrailerBytes)));
    const bool ends_right = at_end && damage.back().bytes == kSealedTrailerBytes && length && footer_ &&
                            footer_begin_ + *length + kSealedTrailerBytes == bytes_.size();
    if (!ends_right) return note(bytes_.size(), 0, "the file does not end as a sealed file does");
    damage.pop_back();
    check_footer();
  }
  void check_footer() {
    if (footer_->blocks != blocks_) return note(footer_begin_, 0, "the footer speaks of other blocks than there are");
    for (std::size_t block = 0; block < terms_.size(); ++block) {
      if (!is_indexed(block)) {
        note(blocks_[block].place.offset, 0, str::cat("the index does not lead to every record of block ", block));
      }
    }
  }
  bool is_indexed(std::size_t block) const {
    const std::size_t pages = footer_->index.size();
    return std::ranges::all_of(terms_[block], [&](TermHash term) {
      if (pages == 0) return true;
      const std::size_t page = term_page(term, pages);
      const auto at = pages_.find(footer_->index[page].offset);
      const auto blocks = at == pages_.end() ? std::nullopt : find_term(at->second, page, pages, term);
      return blocks && (*blocks >> block & 1) != 0;
    });
  }

  std::string_view bytes_;
  ArchiveKind kind_;
  const ArchiveVisitor& visit_;
  ArchiveInspection found_;
  ArchiveNames names_;
  std::vector<SealedBlock> blocks_;
  std::vector<std::vector<TermHash>> terms_;  // of each block
  std::map<std::uint64_t, std::string_view> pages_;
  std::optional<SealedFooter> footer_;
  std::uint64_t footer_begin_ = 0;
};

}  // namespace

Result<ArchiveInspection> inspect_archive_file(Io& io, const std::string& path, const ArchiveVisitor& visit) {
  const ArchiveBytes read = read_archive_bytes(io, path);
  if (!read.problem.empty()) return fail(codes::io_failed, str::cat("cannot read ", path, ": ", read.problem));
  const ArchiveKind kind = path.ends_with(".tgo") ? ArchiveKind::open : ArchiveKind::sealed;
  return Inspector(read.bytes, kind, visit).run();
}

}  // namespace tollgate::stores
