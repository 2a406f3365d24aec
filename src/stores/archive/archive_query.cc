#include "stores/archive/archive_query.h"

#include "stores/archive/term_index.h"

namespace tollgate::stores {

Result<void> check_deadline(const Clock& clock, MonoTime end) {
  if (clock.mono_now() < end) return {};
  return fail(codes::store_unavailable, "this search takes longer than five seconds; ask for a shorter time");
}

bool overlaps(const core::RecordFilter& filter, std::int64_t first_ns, std::int64_t last_ns) {
  return WallTime(Nanos(last_ns)) >= filter.from &&
         (WallTime(Nanos(first_ns)) < filter.to || filter.to == WallTime::max());
}

Result<std::vector<const SealedBlock*>> ArchiveQuery::blocks(const SealedFile& file, const core::RecordFilter& filter) {
  BlockMask mask = 0;
  const std::vector<TermHash> terms = terms_of(filter);
  TG_TRY(const ArchiveRead found, file.find(sources_.io, terms, mask));
  std::vector<const SealedBlock*> blocks;
  if (found == ArchiveRead::gone) return blocks;
  if (found == ArchiveRead::damaged) sources_.catalog.note_damage(file.number, file.footer.index.front().offset);
  for (std::size_t i = 0; i < file.footer.blocks.size(); ++i) {
    const SealedBlock& block = file.footer.blocks[i];
    if ((mask >> i & 1) != 0 && overlaps(filter, block.first_ns, block.last_ns)) blocks.push_back(&block);
  }
  return blocks;
}

Result<bool> ArchiveQuery::load(const SealedFile& file, const SealedBlock& block, LoadedBlock& loaded) {
  TG_TRY(const ArchiveRead got, loaded.load(sources_.io, file.path, block));
  if (got == ArchiveRead::gone) return false;
  ++read_.blocks;
  read_.bytes += block.place.bytes;
  if (got == ArchiveRead::damaged) note_damage(file, block.place);
  return got == ArchiveRead::sound;
}

void ArchiveQuery::note_damage(const SealedFile& file, const FramePlace& place) {
  ++read_.damaged;
  sources_.catalog.note_damage(file.number, place.offset);
}

}  // namespace tollgate::stores
