#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <utility>

#include "core/usage/record_block.h"
#include "core/usage/varint.h"

namespace tollgate::core {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kHasList = 0x80;
constexpr std::size_t kTraceBytes = sizeof(DecisionRecord::trace_id);

}  // namespace

// Takes a head apart; whatever is wrong makes it stop.
class RecordBlockReader::HeadReader {
 public:
  explicit HeadReader(std::string_view rest) : rest_(rest) {}

  std::optional<Head> read() {
    Head head;
    if (take_byte() != kVersion) return std::nullopt;
    head.records = take_count(kBlockRecordsMax);
    head.callers = take_count(head.records);
    head.kinds = take_count(head.records);
    const std::uint32_t rings = take_count(head.records);
    head.traces = static_cast<std::uint32_t>(take_varint_up_to(head.records));
    head.first_ns = static_cast<std::int64_t>(take_u64());
    for (std::uint32_t i = 0; i < rings && sound_; ++i) {
      const std::uint64_t id = take_u64();
      head.rings.push_back({.id = id, .first_sequence = take_u64()});
    }
    for (ColumnHead& column : head.columns) take_column(column, head);
    if (head.traces > 0) ++head.parts;
    if (!sound_ || !rest_.empty()) return std::nullopt;
    return head;
  }

 private:
  void take_column(ColumnHead& into, Head& head) {
    const std::uint8_t code = take_byte();
    const std::uint8_t guess = code & static_cast<std::uint8_t>(~kHasList);
    sound_ = sound_ && guess < kGuesses;
    into.column.guess = static_cast<Guess>(guess);
    into.column.planes = take_byte();
    into.first_part = head.parts;
    head.parts += static_cast<std::size_t>(std::popcount(into.column.planes));
    if ((code & kHasList) == 0) return;
    const std::uint32_t count = take_count(head.records);
    std::uint64_t number = 0;
    for (std::uint32_t i = 0; i < count && sound_; ++i) {
      into.column.list.push_back(number += take_varint_up_to(~std::uint64_t{0}));
    }
  }
  std::uint8_t take_byte() {
    if (rest_.empty()) {
      sound_ = false;
      return 0;
    }
    const auto byte = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  std::uint64_t take_u64() {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value |= std::uint64_t{take_byte()} << (8 * i);
    return value;
  }
  std::uint64_t take_varint_up_to(std::uint64_t max) {
    const auto value = take_varint(rest_);
    if (value && *value <= max) return *value;
    sound_ = false;
    return 0;
  }
  std::uint32_t take_count(std::uint64_t max) {  // at least one
    const std::uint64_t count = take_varint_up_to(max);
    sound_ = sound_ && count > 0;
    return static_cast<std::uint32_t>(count);
  }

  std::string_view rest_;
  bool sound_ = true;
};

std::optional<RecordBlockReader> RecordBlockReader::open(std::string_view head, BlockParts& parts) {
  auto read = HeadReader(head).read();
  if (!read) return std::nullopt;
  return RecordBlockReader(*std::move(read), parts);
}

std::size_t RecordBlockReader::length_of(Column column) const {
  if (column < Column::kind_names) return head_.callers;
  return column < Column::ring ? head_.kinds : head_.records;
}

// What the guesses of the columns behind them need.
bool RecordBlockReader::groups(ColumnGroups& groups) {
  const std::pair<Column, std::size_t> of[] = {
      {Column::ring, head_.rings.size()}, {Column::caller, head_.callers}, {Column::kind, head_.kinds}};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto [column, count] = of[i];
    const std::vector<std::uint64_t>* group = numbers(column);
    if (group == nullptr) return false;
    groups[i] = {.of = *group, .count = count};
  }
  return true;
}

bool RecordBlockReader::read_planes(const ColumnHead& head, std::span<std::uint64_t> into) {
  std::size_t part = head.first_part;
  for (unsigned k = 0; k < 8; ++k) {
    if ((head.column.planes >> k & 1) == 0) continue;
    plane_.resize(into.size());
    if (!parts_->read(part++, plane_)) return false;
    add_plane(into, k, plane_);
  }
  return true;
}

const std::vector<std::uint64_t>* RecordBlockReader::numbers(Column column) {
  auto& cached = numbers_[static_cast<std::size_t>(column)];
  if (cached) return &*cached;
  const ColumnHead& head = head_.columns[static_cast<std::size_t>(column)];
  std::vector<std::uint64_t> read(length_of(column));
  if (!read_planes(head, read)) return nullptr;
  ColumnGroups known{};
  if (head.column.guess >= Guess::same_ring && (column <= Column::kind || !groups(known))) return nullptr;
  if (!finish_numbers(head.column, known, read)) return nullptr;
  // A group's number is a place in a table.
  const std::size_t places = column == Column::ring     ? head_.rings.size()
                             : column == Column::caller ? head_.callers
                             : column == Column::kind   ? head_.kinds
                                                        : 0;
  if (places > 0 && std::ranges::any_of(read, [&](std::uint64_t place) { return place >= places; })) return nullptr;
  return &cached.emplace(std::move(read));
}

// Of each of the block's callers, whether the filter lets it pass.
bool RecordBlockReader::allowed_callers(const RecordFilter& filter, std::vector<bool>& allowed) {
  std::array<const std::vector<std::uint64_t>*, 4> columns{};
  for (std::size_t k = 0; k < columns.size(); ++k) {
    columns[k] = numbers(static_cast<Column>(static_cast<std::size_t>(Column::caller_key) + k));
    if (columns[k] == nullptr) return false;
  }
  DecisionRecord record;
  for (std::size_t i = 0; i < head_.callers; ++i) {
    set_caller(record, {(*columns[0])[i], (*columns[1])[i], (*columns[2])[i], (*columns[3])[i]});
    allowed.push_back(filter.matches_caller(record));
  }
  return true;
}

bool RecordBlockReader::allowed_kinds(const RecordFilter& filter, std::vector<bool>& allowed) {
  const auto* names = numbers(Column::kind_names);
  const auto* results = numbers(Column::kind_result);
  if (names == nullptr || results == nullptr) return false;
  DecisionRecord record;
  for (std::size_t i = 0; i < head_.kinds; ++i) {
    set_kind(record, {(*names)[i], (*results)[i]});
    allowed.push_back(filter.matches_kind(record));
  }
  return true;
}

bool RecordBlockReader::select_all(std::vector<std::uint32_t>& rows) {
  rows.resize(head_.records);
  std::iota(rows.begin(), rows.end(), 0u);
  return true;
}

bool RecordBlockReader::select(const RecordFilter& filter, std::vector<std::uint32_t>& rows) {
  select_all(rows);
  // Keeps the rows whose number in the column passes.
  const auto keep = [&](Column column, auto passes) {
    if (rows.empty()) return true;
    const auto* of_rows = numbers(column);
    if (of_rows == nullptr) return false;
    std::erase_if(rows, [&](std::uint32_t row) { return !passes((*of_rows)[row]); });
    return true;
  };
  const auto keep_allowed = [&](Column column, const std::vector<bool>& allowed) {
    if (std::ranges::find(allowed, true) == allowed.end()) rows.clear();  // most blocks of a rare key end here
    return keep(column, [&](std::uint64_t place) -> bool { return allowed[place]; });
  };
  std::vector<bool> allowed;
  if (filter.asks_for_caller()) {
    if (!allowed_callers(filter, allowed) || !keep_allowed(Column::caller, allowed)) return false;
  }
  if (filter.asks_for_kind() && !rows.empty()) {
    allowed.clear();
    if (!allowed_kinds(filter, allowed) || !keep_allowed(Column::kind, allowed)) return false;
  }
  if (filter.from == WallTime::min() && filter.to == WallTime::max()) return true;
  return keep(Column::time, [&](std::uint64_t since_first) {
    return filter.matches_time(static_cast<std::int64_t>(static_cast<std::uint64_t>(head_.first_ns) + since_first));
  });
}

bool RecordBlockReader::select_id(std::uint64_t request_id, std::vector<std::uint32_t>& rows) {
  rows.clear();
  const auto* times = numbers(Column::time);
  const auto* seconds = numbers(Column::id_second);
  const auto* rests = numbers(Column::id_rest);
  if (times == nullptr || seconds == nullptr || rests == nullptr) return false;
  for (std::uint32_t i = 0; i < head_.records; ++i) {
    const auto time = static_cast<std::int64_t>(static_cast<std::uint64_t>(head_.first_ns) + (*times)[i]);
    if (request_id_of(time, (*seconds)[i], (*rests)[i]) == request_id) rows.push_back(i);
  }
  return true;
}

bool RecordBlockReader::read(std::span<const std::uint32_t> rows, std::vector<LoggedRecord>& into) {
  const std::size_t before = into.size();
  into.resize(before + rows.size());
  const std::span<LoggedRecord> added = std::span(into).subspan(before);
  if (!add_identity(rows, added) || !add_traces(rows, added) || !add_caller_and_kind(rows, added)) return false;
  for (std::size_t c = static_cast<std::size_t>(Column::overhead_us); c < kColumns; ++c) {
    const auto column = static_cast<Column>(c);
    const auto* of_rows = numbers(column);
    if (of_rows == nullptr) return false;
    for (std::size_t i = 0; i < rows.size(); ++i) set_number(added[i].record, column, (*of_rows)[rows[i]]);
  }
  return true;
}

// Ring, sequence, time and id.
bool RecordBlockReader::add_identity(std::span<const std::uint32_t> rows, std::span<LoggedRecord> into) {
  const auto* rings = numbers(Column::ring);
  const auto* times = numbers(Column::time);
  const auto* sequences = numbers(Column::sequence);
  const auto* seconds = numbers(Column::id_second);
  const auto* rests = numbers(Column::id_rest);
  if (rings == nullptr || times == nullptr || sequences == nullptr || seconds == nullptr || rests == nullptr) {
    return false;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint32_t row = rows[i];
    const Ring& ring = head_.rings[(*rings)[row]];
    into[i].ring_id = ring.id;
    DecisionRecord& record = into[i].record;
    record.sequence = ring.first_sequence + (*sequences)[row];
    record.time_ns = static_cast<std::int64_t>(static_cast<std::uint64_t>(head_.first_ns) + (*times)[row]);
    record.request_id = request_id_of(record.time_ns, (*seconds)[row], (*rests)[row]);
  }
  return true;
}

bool RecordBlockReader::add_traces(std::span<const std::uint32_t> rows, std::span<LoggedRecord> into) {
  if (head_.traces == 0) return true;
  const auto* traced = numbers(Column::traced);
  std::string traces(head_.traces * kTraceBytes, '\0');
  if (traced == nullptr || !parts_->read(head_.parts - 1, traces)) return false;
  std::size_t next = 0;  // in traces
  std::size_t i = 0;     // in rows
  for (std::uint32_t row = 0; row < head_.records && i < rows.size(); ++row) {
    const bool has_trace = (*traced)[row] != 0;
    if (has_trace && next == head_.traces) return false;
    if (rows[i] == row) {
      if (has_trace) std::memcpy(into[i].record.trace_id.data(), traces.data() + next * kTraceBytes, kTraceBytes);
      ++i;
    }
    next += has_trace ? 1 : 0;
  }
  return true;
}

bool RecordBlockReader::add_caller_and_kind(std::span<const std::uint32_t> rows, std::span<LoggedRecord> into) {
  std::array<const std::vector<std::uint64_t>*, 8> columns{};
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const auto column = c < 6 ? static_cast<Column>(c) : c == 6 ? Column::caller : Column::kind;
    columns[c] = numbers(column);
    if (columns[c] == nullptr) return false;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint64_t caller = (*columns[6])[rows[i]];
    const std::uint64_t kind = (*columns[7])[rows[i]];
    set_caller(into[i].record,
               {(*columns[0])[caller], (*columns[1])[caller], (*columns[2])[caller], (*columns[3])[caller]});
    set_kind(into[i].record, {(*columns[4])[kind], (*columns[5])[kind]});
  }
  return true;
}

}  // namespace tollgate::core
