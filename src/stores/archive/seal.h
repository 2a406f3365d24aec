// Puts a full file's records in their final form: in the order of time, in larger blocks, with an index. The sealed
// file appears under its name whole and durable, or not at all.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <vector>

#include "base/io.h"
#include "core/usage/frames.h"
#include "stores/archive/archive_files.h"
#include "stores/archive/archive_writer.h"
#include "stores/archive/open_file.h"
#include "stores/archive/sealed_file.h"

namespace tollgate::stores {

struct SealFacts {
  std::int64_t now_ns = 0;
  std::vector<core::RingPosition> rings;  // how far each had come when the file took its last record
};

// The open file stays; it has at least one record. Thread safety: one thread at a time for each number.
std::expected<std::shared_ptr<const SealedFile>, ArchiveFault> seal(Io& io, const ArchiveFiles& files,
                                                                    const OpenFile& open, SealFacts facts);

}  // namespace tollgate::stores
