#include "core/usage/record_block.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "core/usage/tuple_index.h"
#include "core/usage/varint.h"

namespace tollgate::core {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kHasList = 0x80;
constexpr auto kFirstOfRecord = static_cast<std::size_t>(Column::time);  // the first column that is of no group
constexpr std::size_t kRecordsAtOnce = 128;

void append_u64(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

class BlockWriter {
 public:
  explicit BlockWriter(std::span<const LoggedRecord> records) : records_(records) { number_groups(); }

  RecordBlock take() {
    write_head();
    write_callers_and_kinds();
    write(Column::ring, ring_);
    write(Column::caller, caller_);
    write(Column::kind, kind_);
    for (std::size_t from = 0; from < records_.size(); from += kRecordsAtOnce) {
      take_apart(records_.subspan(from, std::min(kRecordsAtOnce, records_.size() - from)));
    }
    for (std::size_t c = kFirstOfRecord; c < kColumns; ++c) write(static_cast<Column>(c), columns_[c]);
    write_traces();
    block_.callers = callers_.take();
    return std::move(block_);
  }

 private:
  static bool is_traced(const DecisionRecord& record) {
    return std::ranges::any_of(record.trace_id, [](std::uint8_t byte) { return byte != 0; });
  }

  // Gives each record its ring, caller and kind.
  void number_groups() {
    first_ns_ = last_ns_ = records_.front().record.time_ns;
    for (const LoggedRecord& one : records_) {
      ring_.push_back(rings_.add({one.ring_id}));
      caller_.push_back(callers_.add(caller_of(one.record)));
      kind_.push_back(kinds_.add(kind_of(one.record)));
      first_ns_ = std::min(first_ns_, one.record.time_ns);
      last_ns_ = std::max(last_ns_, one.record.time_ns);
    }
    renumber(ring_, rings_.sort());
    renumber(caller_, callers_.sort());
    renumber(kind_, kinds_.sort());
    groups_ = {{{ring_, rings_.tuples().size()}, {caller_, callers_.tuples().size()}, {kind_, kinds_.tuples().size()}}};
    first_sequence_.assign(rings_.tuples().size(), ~std::uint64_t{0});
    for (std::size_t i = 0; i < records_.size(); ++i) {
      std::uint64_t& first = first_sequence_[ring_[i]];
      first = std::min(first, records_[i].record.sequence);
      if (is_traced(records_[i].record)) ++traces_;
    }
  }
  static void renumber(std::vector<std::uint64_t>& numbers, const std::vector<std::uint32_t>& new_number) {
    for (std::uint64_t& number : numbers) number = new_number[number];
  }

  void write_head() {
    std::string& head = block_.head;
    head.push_back(static_cast<char>(kVersion));
    for (const std::size_t count :
         {records_.size(), callers_.tuples().size(), kinds_.tuples().size(), rings_.tuples().size(), traces_}) {
      append_varint(head, count);
    }
    append_u64(head, static_cast<std::uint64_t>(first_ns_));
    for (std::size_t i = 0; i < rings_.tuples().size(); ++i) {
      append_u64(head, rings_.tuples()[i][0]);
      append_u64(head, first_sequence_[i]);
    }
  }

  // A column of what the block's tables hold, or of the records.
  void write(Column column, std::span<const std::uint64_t> numbers) {
    const NumberColumn how = write_numbers(numbers, guesses_for(column), groups_, block_.parts);
    std::string& head = block_.head;
    head.push_back(static_cast<char>(static_cast<std::uint8_t>(how.guess) | (how.list.empty() ? 0 : kHasList)));
    head.push_back(static_cast<char>(how.planes));
    if (how.list.empty()) return;
    append_varint(head, how.list.size());
    std::uint64_t last = 0;
    for (const std::uint64_t number : how.list) append_varint(head, number - std::exchange(last, number));
  }
  // The columns after those of the groups, of some records: few enough that a core keeps them close by meanwhile.
  void take_apart(std::span<const LoggedRecord> some) {
    const auto each = [&](Column column, auto number_of_one) {
      std::vector<std::uint64_t>& numbers = columns_[static_cast<std::size_t>(column)];
      numbers.reserve(records_.size());
      for (const LoggedRecord& one : some) numbers.push_back(number_of_one(one));
    };
    each(Column::time, [&](const LoggedRecord& one) {
      return static_cast<std::uint64_t>(one.record.time_ns) - static_cast<std::uint64_t>(first_ns_);
    });
    const std::uint64_t* ring = &ring_[static_cast<std::size_t>(some.data() - records_.data())];
    each(Column::sequence, [&](const LoggedRecord& one) { return one.record.sequence - first_sequence_[*ring++]; });
    each(Column::id_second, [](const LoggedRecord& one) { return id_second_of(one.record); });
    each(Column::id_rest, [](const LoggedRecord& one) { return id_rest_of(one.record); });
    each(Column::traced, [](const LoggedRecord& one) { return std::uint64_t{is_traced(one.record)}; });
    for (std::size_t c = static_cast<std::size_t>(Column::overhead_us); c < kColumns; ++c) {
      const auto column = static_cast<Column>(c);
      each(column, [&](const LoggedRecord& one) { return number_of(one.record, column); });
    }
  }
  template <std::size_t N>
  void write_table(Column first, const TupleIndex<N>& index) {
    for (std::size_t k = 0; k < N; ++k) {
      numbers_.clear();
      for (const auto& tuple : index.tuples()) numbers_.push_back(tuple[k]);
      write(static_cast<Column>(static_cast<std::size_t>(first) + k), numbers_);
    }
  }
  void write_callers_and_kinds() {
    write_table(Column::caller_key, callers_);
    write_table(Column::kind_names, kinds_);
  }
  void write_traces() {
    if (traces_ == 0) return;
    std::string& part = block_.parts.emplace_back();
    for (const LoggedRecord& one : records_) {
      if (!is_traced(one.record)) continue;
      part.append(reinterpret_cast<const char*>(one.record.trace_id.data()), one.record.trace_id.size());
    }
  }

  std::span<const LoggedRecord> records_;
  TupleIndex<1> rings_;
  TupleIndex<4> callers_;
  TupleIndex<2> kinds_;
  std::vector<std::uint64_t> ring_, caller_, kind_;  // of each record
  std::vector<std::uint64_t> first_sequence_;        // of each ring
  ColumnGroups groups_;
  std::int64_t first_ns_ = 0, last_ns_ = 0;
  std::size_t traces_ = 0;
  std::array<std::vector<std::uint64_t>, kColumns> columns_;  // from kFirstOfRecord on
  std::vector<std::uint64_t> numbers_;
  RecordBlock block_;
};

}  // namespace

RecordBlock encode_block(std::span<const LoggedRecord> records) {
  TG_ASSERT(!records.empty() && records.size() <= kBlockRecordsMax);
  return BlockWriter(records).take();
}

}  // namespace tollgate::core
