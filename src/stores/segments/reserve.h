// Disk space that is set aside at the start, for counts when there is none left for records: a full disk or a full
// spool costs detail before it costs a count.
//
// Each entry is a batch of counts as it will be sent (core/usage/record_batch.h). The file has two halves. Entries are
// appended to one; when it is full, all that still count go to the other, neighbours of a ring joined into one, and
// the first is free. At a start the newest entry of each sequence counts, so that a write that was torn, or a change of
// halves that was not finished, neither loses nor doubles anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/io.h"
#include "core/usage/record_batch.h"
#include "stores/segments/reserve_entry.h"

namespace tollgate::stores {

// Thread safety: all methods from any thread. Blocks: writes are synced.
class Reserve {
 public:
  static constexpr std::uint64_t kBytes = 16u << 20;

  using Entry = ReserveEntry;
  struct Range {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
  };

  // `bytes` counts for a new file only.
  Reserve(Io& io, std::string path, std::uint64_t bytes = kBytes)
      : io_(io), path_(std::move(path)), half_bytes_(bytes / 2) {}

  // What an existing file has counts only at the start, by take_up(): later, its sequences may have gone another way.
  enum class Contents : std::uint8_t { take_up, ignore };
  // Opens the file, or makes it with all of its disk space. False: it cannot be made now, mostly because there is no
  // room; may be tried again. Errors: data_dir_unusable when there is one that cannot be read.
  Result<bool> open(Contents contents);
  // After open(): what the file has counts from now on. `sent` says for each ring up to where something was sent that
  // may have been stored: nothing is joined across that, so that an entry which is was never confirmed, and whatever it
  // would replace is still true.
  using SentEnds = std::map<std::uint64_t, std::uint64_t>;
  void take_up(const SentEnds& sent);
  bool is_open() const;

  // All or none of them; their sequences are in no other entry. True: they are on the disk. False: there is no room,
  // or the disk fails. Entries without rows may use the last of the room.
  bool append(const std::vector<Entry>& entries);

  std::vector<std::uint64_t> ring_ids() const;
  std::vector<Range> ranges(std::uint64_t ring_id) const;  // in order
  ReserveSum sum(std::uint64_t ring_id) const;
  // Of those that end at or before `through`.
  ReserveSum sum_through(std::uint64_t ring_id, std::uint64_t through) const;
  // The one that begins before `at` and ends after it.
  std::optional<Entry> entry_across(std::uint64_t ring_id, std::uint64_t at) const;

  // The counts that begin at `first`, to be sent: they keep their end from now on, whatever is joined.
  std::optional<core::RecordBatch> take(std::uint64_t ring_id, std::uint64_t first);
  // What was sent up to here may have been stored or not: nothing is joined across it.
  void keep_apart(std::uint64_t ring_id, std::uint64_t at);
  // Forgets what begins before `through`.
  void remove_below(std::uint64_t ring_id, std::uint64_t through);

 private:
  struct Ring {
    std::vector<Entry> entries;  // in order of sequence
    std::uint64_t apart = 0;
  };
  using Rings = std::map<std::uint64_t, Ring>;
  struct Found {
    Entry entry;
    std::uint64_t half = 0;
    std::uint64_t generation = 0;
  };

  bool make_file();
  std::unexpected<Error> unreadable() const;
  bool read_half(std::uint64_t half, std::vector<Found>& found);
  bool write_and_sync(std::string_view bytes, std::uint64_t half, std::uint64_t offset);
  bool append_to_half(const std::vector<Entry>& entries);
  bool change_halves(const std::vector<Entry>& added);
  std::uint64_t room_for(const std::vector<Entry>& entries) const;
  std::span<const Entry> entries_of(std::uint64_t ring_id) const;
  static void insert(Rings& rings, Entry entry);
  static void join_neighbours(Ring& ring);
  void clear_if_empty();

  Io& io_;
  const std::string path_;
  mutable std::mutex mutex_;
  UniqueFd fd_;
  std::uint64_t half_bytes_;
  Rings rings_;
  std::vector<Found> found_;           // by open(), for take_up()
  std::uint64_t generation_ = 1;       // of the half that is written to
  std::uint64_t last_generation_ = 1;  // that was used: none is used twice, not after a failure either
  std::uint64_t half_ = 0;             // which that is
  std::uint64_t used_ = 0;             // bytes of it
  bool is_spoilt_ = false;             // what stands beyond them is not known: the next entry goes to the other half
};

}  // namespace tollgate::stores
