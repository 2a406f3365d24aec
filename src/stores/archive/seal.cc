#include "stores/archive/seal.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/assert.h"
#include "stores/archive/archive_frames.h"
#include "stores/archive/compression.h"
#include "stores/archive/in_order.h"
#include "stores/archive/packed_block.h"
#include "stores/archive/term_index.h"

namespace tollgate::stores {
namespace {

constexpr int kLevel = 1;
constexpr std::size_t kBlockRecords = 8192;

// Writes the draft, front to back.
class Sealing {
 public:
  Sealing(ArchiveWriter& writer, SealedFooter footer) : writer_(writer), footer_(std::move(footer)) {}

  ArchiveWrite run(const OpenFile& open) {
    std::string head = archive_header(ArchiveKind::sealed, open.number());
    for (const core::NameDefinition& name : open.names().all()) core::append_frame(head, name);
    auto written = writer_.append(head);
    const std::size_t records = open.records();
    TG_ASSERT(records > 0);
    const std::size_t in_block = std::max(kBlockRecords, (records + kIndexedBlocksMax - 1) / kIndexedBlocksMax);
    InOrder in_order(open.view());
    std::vector<core::LoggedRecord> block;
    for (in_order.next(in_block, block); !block.empty() && written; in_order.next(in_block, block)) {
      written = write_block(block);
    }
    if (written) written = write_index();
    if (written) written = writer_.append(footer_and_trailer(footer_));
    if (written) written = writer_.sync();
    return written;
  }
  SealedFooter take_footer() { return std::move(footer_); }

 private:
  ArchiveWrite write_block(std::span<const core::LoggedRecord> block) {
    const core::RecordBlock encoded = core::encode_block(block);
    index_terms(encoded.callers);
    TG_TRY(const FramePlace place, write_frame(ArchiveFrameType::block, pack_block(encoded, compressor_)));
    footer_.blocks.push_back({.place = place,
                              .records = static_cast<std::uint32_t>(block.size()),
                              .first_ns = block.front().record.time_ns,
                              .last_ns = block.back().record.time_ns});
    return {};
  }
  void index_terms(std::span<const core::CallerTuple> callers) {
    std::vector<TermHash> terms;
    core::DecisionRecord record;
    for (const core::CallerTuple& caller : callers) {
      core::set_caller(record, caller);
      append_terms(record, terms);
    }
    std::ranges::sort(terms);
    const auto repeated = std::ranges::unique(terms);
    terms.erase(repeated.begin(), repeated.end());
    for (const TermHash term : terms) index_.add(term, footer_.blocks.size());
  }
  ArchiveWrite write_index() {
    for (const std::string& page : index_.take()) {
      TG_TRY(const FramePlace place, write_frame(ArchiveFrameType::index_page, page));
      footer_.index.push_back(place);
    }
    return {};
  }
  std::expected<FramePlace, ArchiveFault> write_frame(ArchiveFrameType type, std::string_view payload) {
    const std::uint64_t offset = writer_.written();
    std::string frame;
    append_archive_frame(frame, type, payload);
    if (auto written = writer_.append(frame); !written) return std::unexpected(std::move(written).error());
    return FramePlace{.offset = offset, .bytes = frame.size()};
  }

  ArchiveWriter& writer_;
  SealedFooter footer_;
  Compressor compressor_{kLevel};
  TermIndexBuilder index_;
};

std::expected<std::shared_ptr<const SealedFile>, ArchiveFault> write_and_name(Io& io, const ArchiveFiles& files,
                                                                              const OpenFile& open, SealFacts facts) {
  const std::string draft = files.draft_path(open.number());
  TG_TRY(ArchiveWriter writer, ArchiveWriter::create(io, draft));
  Sealing sealing(writer, {.sealed_ns = facts.now_ns, .damaged = open.damaged(), .rings = std::move(facts.rings)});
  if (auto written = sealing.run(open); !written) return std::unexpected(std::move(written).error());
  auto file = std::make_shared<SealedFile>();
  file->number = open.number();
  file->path = files.path(ArchiveKind::sealed, open.number());
  file->bytes = writer.written();
  file->footer = sealing.take_footer();
  if (io.rename(draft, file->path) != 0) return archive_fault("rename", draft);
  if (auto synced = sync_directory(io, files.directory()); !synced) return std::unexpected(std::move(synced).error());
  return file;
}

}  // namespace

std::expected<std::shared_ptr<const SealedFile>, ArchiveFault> seal(Io& io, const ArchiveFiles& files,
                                                                    const OpenFile& open, SealFacts facts) {
  const std::string draft = files.draft_path(open.number());
  io.unlink(draft);  // of an attempt before
  auto sealed = write_and_name(io, files, open, std::move(facts));
  if (!sealed) io.unlink(draft);
  return sealed;
}

}  // namespace tollgate::stores
