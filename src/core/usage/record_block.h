// Some thousands of records as a head and parts, each of which compresses well by itself: column by column
// (record_columns.h), so that a reader unpacks only those that it needs. Exact for any record. Whoever keeps a block
// compresses head and parts, and keeps their checksum.
//
//   head: version, counts, first and last time, rings, and of each column how it is written    little-endian, varints
//   part: one plane of a column (number_column.h); the last one: the trace ids, 16 bytes each
//
// Pure. Thread safety: one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/usage/number_column.h"
#include "core/usage/record_columns.h"
#include "core/usage/record_filter.h"

namespace tollgate::core {

inline constexpr std::size_t kBlockRecordsMax = 1u << 16;
// No head or part is longer: lists take at most ten bytes a number, trace ids sixteen a record.
inline constexpr std::size_t kBlockPartBytesMax = 32 * kBlockRecordsMax;
inline constexpr std::size_t kBlockPartsMax = 8 * kColumns + 1;

struct RecordBlock {
  std::string head;
  std::vector<std::string> parts;
  std::vector<CallerTuple> callers;  // of its records, each once; for an index, not to be kept
};

// 1 … kBlockRecordsMax records, which stay in their order. Records in the order of time take the fewest bytes.
RecordBlock encode_block(std::span<const LoggedRecord> records);

// Where a reader gets a block's parts from.
class BlockParts {
 public:
  virtual ~BlockParts() = default;
  // Fills `into` with all of part `part`. False: it is damaged, or of another length.
  virtual bool read(std::size_t part, std::span<char> into) = 0;
};

// Every method returns false when it meets damage; what it was to fill is then unspecified.
class RecordBlockReader {
 public:
  // Nothing when the head is damaged. `parts` outlives the reader.
  static std::optional<RecordBlockReader> open(std::string_view head, BlockParts& parts);

  std::uint32_t records() const { return head_.records; }
  // How many parts the block has.
  std::size_t parts() const { return head_.parts; }

  // The rows of the records that pass, ascending.
  bool select(const RecordFilter& filter, std::vector<std::uint32_t>& rows);
  bool select_id(std::uint64_t request_id, std::vector<std::uint32_t>& rows);
  bool select_all(std::vector<std::uint32_t>& rows);
  // Appends these rows' records.
  bool read(std::span<const std::uint32_t> rows, std::vector<LoggedRecord>& into);

 private:
  struct Ring {
    std::uint64_t id = 0;
    std::uint64_t first_sequence = 0;
  };
  struct ColumnHead {
    NumberColumn column;
    std::size_t first_part = 0;
  };
  struct Head {
    std::uint32_t records = 0, callers = 0, kinds = 0, traces = 0;
    std::int64_t first_ns = 0;
    std::vector<Ring> rings;
    std::array<ColumnHead, kColumns> columns;
    std::size_t parts = 0;
  };
  class HeadReader;

  RecordBlockReader(Head head, BlockParts& parts) : head_(std::move(head)), parts_(&parts) {}
  std::size_t length_of(Column column) const;
  // Null when it is damaged.
  const std::vector<std::uint64_t>* numbers(Column column);
  bool groups(ColumnGroups& groups);
  bool read_planes(const ColumnHead& head, std::span<std::uint64_t> into);
  bool allowed_callers(const RecordFilter& filter, std::vector<bool>& allowed);
  bool allowed_kinds(const RecordFilter& filter, std::vector<bool>& allowed);
  bool add_identity(std::span<const std::uint32_t> rows, std::span<LoggedRecord> into);
  bool add_traces(std::span<const std::uint32_t> rows, std::span<LoggedRecord> into);
  bool add_caller_and_kind(std::span<const std::uint32_t> rows, std::span<LoggedRecord> into);

  Head head_;
  BlockParts* parts_;
  std::array<std::optional<std::vector<std::uint64_t>>, kColumns> numbers_;
  std::string plane_;
};

}  // namespace tollgate::core
