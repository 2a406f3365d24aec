// ports::RequestLog in files of its own: records are added to an open file, durable at once; a full one is sealed, in
// the order of time, compressed, with an index of who calls; sealed ones expire whole, oldest first
// (docs/design/request-log.md, docs/adr/0009-requests-in-files.md).
//
// Thread safety: all methods from any thread. Adding, sealing and asking do not wait for one another, but that adding
// seals by itself when whoever calls maintain() has fallen far behind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/io.h"
#include "ports/request_log.h"
#include "stores/archive/archive_files.h"
#include "stores/archive/catalog.h"
#include "stores/archive/open_file.h"

namespace tollgate::stores {

struct ArchiveOptions {
  std::string directory;
  Seconds keep{7 * 86'400};              // records that are older expire
  std::uint64_t bytes_max = 4ull << 30;  // of all files; the oldest go first
  std::size_t records_max = 128u << 10;  // in a file; in memory, 136 bytes each, until it is sealed
  Seconds open_max{3'600};               // then even a file that is not full is sealed
  Io* io = &system_io();
};

class RequestArchive final : public ports::RequestLog {
 public:
  // Creates the directory when it is missing, and takes up what an earlier run left, however it ended. `clock` outlives
  // the archive. Errors: data_dir_unusable.
  static Result<std::unique_ptr<RequestArchive>> open(ArchiveOptions options, const Clock& clock);

  Result<std::uint64_t> append(const core::RecordBatch& batch) override;
  Result<ports::RequestPage> search(const ports::RequestQuery& query) override;
  Result<std::vector<core::LoggedRecord>> find(std::uint64_t decision_id) override;
  Result<std::unique_ptr<ports::RequestScan>> scan(const core::RecordFilter& filter) override;
  ports::RequestLogStats stats() const override { return catalog_.stats(); }
  Result<bool> maintain(WallTime now) override;

 private:
  // What is added in one piece.
  struct Addition {
    std::uint64_t ring_id = 0;
    std::span<const core::DecisionRecord> records;
    std::span<const core::NameDefinition> names;
  };
  // A file that takes nothing more and waits to be sealed.
  struct Full {
    std::shared_ptr<const OpenFile> file;
    std::vector<core::RingPosition> rings;  // where they stood at its end
  };

  RequestArchive(ArchiveOptions options, const Clock& clock)
      : options_(std::move(options)), clock_(clock), io_(*options_.io), files_(options_.directory) {}

  Result<void> recover();
  void recover_sealed(std::uint64_t number, const ArchiveFileSet& set);
  void recover_open(std::uint64_t number, RingMarks& marks);
  std::shared_ptr<const SealedFile> nothing_of(std::uint64_t number) const;

  // Under adding_.
  Result<void> write(const Addition& addition);
  ArchiveWrite try_to_write(const Addition& addition);
  void close_current();
  void put_aside(std::shared_ptr<OpenFile> file);

  std::size_t waiting() const;
  Result<bool> seal_oldest(WallTime now);
  std::optional<Full> oldest_full() const;
  void retire_open(const OpenFile& file);
  Result<bool> expire(WallTime now);
  std::shared_ptr<const SealedFile> expired(WallTime now) const;
  bool remove_oldest();
  bool remove(const SealedFile& file);
  void remove_entry(std::uint64_t number);

  const ArchiveOptions options_;
  const Clock& clock_;
  Io& io_;
  const ArchiveFiles files_;
  ArchiveCatalog catalog_;

  std::mutex adding_;
  RingMarks marks_;                        // under adding_
  std::shared_ptr<OpenFile> current_;      // under adding_; null: the next record begins one
  std::optional<WallTime> current_since_;  // under adding_
  std::uint64_t next_number_ = 1;          // under adding_

  std::mutex sealing_;  // after adding_, where both are held
  mutable std::mutex full_mutex_;
  std::vector<Full> full_;  // under full_mutex_; oldest first
};

}  // namespace tollgate::stores
