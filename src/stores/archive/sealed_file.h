// A sealed file: what is known of it, and how its blocks are read. It never changes; its descriptor is open only while
// something of it is read, so that thousands of files need no more of them than one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/io.h"
#include "core/usage/record_block.h"
#include "stores/archive/packed_block.h"
#include "stores/archive/sealed_footer.h"
#include "stores/archive/term_index.h"

namespace tollgate::stores {

enum class ArchiveRead : std::uint8_t {
  sound,
  damaged,  // the rest of the file may be all right
  gone,     // the file has expired meanwhile
};

// Thread safety: a value, constant once made.
struct SealedFile {
  std::uint64_t number = 0;
  std::string path;
  std::uint64_t bytes = 0;
  SealedFooter footer;
  bool rebuilt = false;  // the footer is not the one that was written

  // Reads the footer. One that is damaged is made again from the blocks that can be read, and counts as a damaged
  // place, as do those that cannot; it is then taken to be sealed at `now_ns`. A file that is not there at all has no
  // blocks and one damaged place.
  static std::shared_ptr<const SealedFile> open(Io& io, std::string path, std::uint64_t number, std::int64_t now_ns);
  // One of which nothing is left.
  static std::shared_ptr<const SealedFile> nothing(std::string path, std::uint64_t number, std::int64_t now_ns);
  // Which blocks can have records of all these terms. Damage: all blocks.
  Result<ArchiveRead> find(Io& io, std::span<const TermHash> terms, BlockMask& blocks) const;
};

// One block, unpacked as far as it is asked. Thread safety: one thread at a time.
class LoadedBlock {
 public:
  LoadedBlock() = default;
  LoadedBlock(const LoadedBlock&) = delete;
  LoadedBlock& operator=(const LoadedBlock&) = delete;
  ~LoadedBlock() = default;

  // Replaces what was loaded. Errors: io_failed when the file cannot be opened.
  Result<ArchiveRead> load(Io& io, const std::string& path, const SealedBlock& block);
  // The same for a frame's payload that is at hand; it outlives what is read. False: damaged.
  bool load(std::string_view payload);
  // Of what was loaded as sound.
  core::RecordBlockReader& reader() { return *reader_; }

 private:
  std::string bytes_;
  Decompressor decompressor_;
  std::optional<PackedBlock> packed_;
  std::optional<core::RecordBlockReader> reader_;
};

}  // namespace tollgate::stores
