// All records that pass a filter, in the order of time, as an export wants them: each file is a stream in order, and
// the streams are merged. Few of them have records in memory at a time, however many files there are and however late
// records came.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "ports/request_log.h"
#include "stores/archive/archive_query.h"

namespace tollgate::stores {

class ArchiveScan final : public ports::RequestScan {
 public:
  ArchiveScan(ArchiveSources sources, const core::RecordFilter& filter);

  Result<void> next(std::vector<core::LoggedRecord>& into) override;
  const ports::RequestsRead& read() const override { return query_.read(); }
  // Streams that have records in memory.
  std::size_t loaded() const;

  static constexpr std::size_t kLoadedMax = 16;

 private:
  // What is left of one file.
  struct Stream {
    core::RecordPosition next;  // nothing that is left comes before
    std::uint64_t number = 0;
    bool opened = false;  // what follows is known
    // Of a sealed file: blocks from `block` on are left.
    std::shared_ptr<const SealedFile> file = nullptr;
    std::vector<const SealedBlock*> blocks = {};
    std::size_t block = 0;
    // In memory: of the current block, or of a file that is still open. From `at` on they are left.
    SortedRecords loaded = {};
    std::size_t at = 0;
  };
  using StreamPtr = std::unique_ptr<Stream>;

  void add_stream(std::uint64_t number, std::int64_t first_ns, std::int64_t last_ns);
  void push(StreamPtr stream);
  StreamPtr pop();
  Result<void> open(Stream& stream);
  Result<void> load(Stream& stream);
  Result<void> load_block(Stream& stream);
  void emit(Stream& stream, std::vector<core::LoggedRecord>& into);
  void keep_unseen(Stream& stream) const;
  void unload_one();

  ArchiveQuery query_;
  core::RecordFilter filter_;
  std::vector<StreamPtr> streams_;            // a heap, the one with the least `next` on top
  std::optional<core::RecordPosition> last_;  // given out
  LoadedBlock block_;
};

}  // namespace tollgate::stores
