// Reading files on behalf of one question: counts what it took, notes what is damaged, and knows when it has taken too
// long. Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/io.h"
#include "ports/request_log.h"
#include "stores/archive/catalog.h"
#include "stores/archive/sealed_file.h"

namespace tollgate::stores {

// What a question needs of the archive; all of it outlives the question.
struct ArchiveSources {
  Io& io;
  ArchiveCatalog& catalog;
};

class ArchiveQuery {
 public:
  explicit ArchiveQuery(ArchiveSources sources) : sources_(sources) {}

  // The file's blocks that can hold what the filter asks for, in the order of time.
  Result<std::vector<const SealedBlock*>> blocks(const SealedFile& file, const core::RecordFilter& filter);
  // False: there is nothing to read of it, because it is damaged or has expired. Else `loaded` has it, and
  // note_damage() is the caller's when a later step meets damage.
  Result<bool> load(const SealedFile& file, const SealedBlock& block, LoadedBlock& loaded);
  void note_damage(const SealedFile& file, const FramePlace& place);

  const ArchiveCatalog& catalog() const { return sources_.catalog; }
  const ports::RequestsRead& read() const { return read_; }

 private:
  ArchiveSources sources_;
  ports::RequestsRead read_;
};

// store_unavailable once `end` has come.
Result<void> check_deadline(const Clock& clock, MonoTime end);

// Whether [first, last] and the filter's times have any in common.
bool overlaps(const core::RecordFilter& filter, std::int64_t first_ns, std::int64_t last_ns);

}  // namespace tollgate::stores
