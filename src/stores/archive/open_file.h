// A file that records are added to: durable on disk, as they came, and in memory for whoever asks. Once full it is
// sealed, from memory.
//
//   open file: header, ring positions at its begin, then names and rows
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/io.h"
#include "core/usage/frames.h"
#include "core/usage/record_batch.h"
#include "stores/archive/archive_files.h"
#include "stores/archive/archive_names.h"
#include "stores/archive/archive_writer.h"
#include "stores/archive/open_records.h"

namespace tollgate::stores {

// By ring id: every sequence below is in the archive, or will never be.
using RingMarks = std::map<std::uint64_t, std::uint64_t>;

std::vector<core::RingPosition> as_positions(const RingMarks& marks);

// Thread safety: append() and names() one at a time; the rest from any thread.
class OpenFile {
 public:
  // Of a new file; durable when it returns. On failure none remains.
  static std::expected<std::shared_ptr<OpenFile>, ArchiveFault> create(Io& io, const ArchiveFiles& files,
                                                                       std::uint64_t number, const RingMarks& marks);
  // One of an earlier run. Advances `marks`; what they say is known is left out. A torn tail is cut off; damage before
  // it is skipped, counted and copied, and the file takes nothing more. Neither does one that cannot be read to its
  // end.
  static std::shared_ptr<OpenFile> recover(Io& io, const ArchiveFiles& files, std::uint64_t number, RingMarks& marks);

  // All of it, durable, or nothing. Of `names` those that the file does not have yet.
  ArchiveWrite append(std::uint64_t ring_id, std::span<const core::DecisionRecord> records,
                      std::span<const core::NameDefinition> names);
  // False: another file has to be begun.
  bool takes_more() const { return writer_ && !writer_->broken(); }

  std::uint64_t number() const { return number_; }
  std::uint64_t damaged() const { return damaged_; }
  const ArchiveNames& names() const { return names_; }
  // From there on it could not be read, and may have more than is in memory.
  std::optional<std::uint64_t> unread_from() const { return unread_from_; }
  // Of damaged places, as recover() made them.
  const std::vector<ArchiveCopy>& copies() const { return copies_; }
  std::size_t records() const;
  std::uint64_t bytes() const;
  OpenRecordsView view() const;

 private:
  class Recovery;

  explicit OpenFile(std::uint64_t number) : number_(number) {}

  const std::uint64_t number_;
  std::optional<ArchiveWriter> writer_;
  ArchiveNames names_;
  std::uint64_t damaged_ = 0;
  std::vector<ArchiveCopy> copies_;
  std::optional<std::uint64_t> unread_from_;
  mutable std::mutex mutex_;
  OpenRecords records_;      // under mutex_
  std::uint64_t bytes_ = 0;  // under mutex_
};

}  // namespace tollgate::stores
