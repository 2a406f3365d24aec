#include "core/usage/record_batch.h"

#include <utility>
#include <variant>

#include "base/str.h"
#include "core/usage/frames.h"

namespace tollgate::core {
namespace {

// Takes frames off the batch's front and knows where it is.
class BatchReader {
 public:
  explicit BatchReader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  bool starts_with() const {
    const auto read = read_frame(bytes_.substr(at_));
    return read && std::holds_alternative<T>(read->frame);
  }
  template <class T>
  Result<T> take() {
    auto read = read_frame(bytes_.substr(at_));
    if (!read) return refuse(fault_text(read.error()));
    T* frame = std::get_if<T>(&read->frame);
    if (frame == nullptr) return refuse("another type of frame belongs here");
    at_ += read->bytes;
    return std::move(*frame);
  }
  std::unexpected<Error> refuse(std::string_view why) const {
    return fail(codes::invalid_document, str::cat("batch, byte ", at_, ": ", why));
  }
  bool done() const { return at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace

std::string encode_batch(const RecordBatch& batch) {
  std::string out;
  const auto names = static_cast<std::uint32_t>(batch.names.size());
  if (batch.aggregate) {
    const Aggregate& counts = *batch.aggregate;
    append_frame(out, AggregateFrame{.ring_id = batch.ring_id,
                                     .first_sequence = counts.first,
                                     .end_sequence = counts.end,
                                     .lost_before = batch.lost_before,
                                     .names = names,
                                     .chunks = static_cast<std::uint32_t>(counts.chunks.size())});
    for (const NameDefinition& name : batch.names) append_frame(out, name);
    for (const std::string& chunk : counts.chunks) append_frame(out, RowsFrame{chunk});
    return out;
  }
  out.reserve(64 + batch.names.size() * 48 + batch.records.size() * kDecisionFrameBytes);
  append_frame(out, BatchFrame{.ring_id = batch.ring_id,
                               .first_sequence = batch.records.empty() ? 0 : batch.records.front().sequence,
                               .lost_before = batch.lost_before,
                               .names = names,
                               .records = static_cast<std::uint32_t>(batch.records.size())});
  for (const NameDefinition& name : batch.names) append_frame(out, name);
  for (const DecisionRecord& record : batch.records) append_frame(out, DecisionFrame{batch.ring_id, record});
  return out;
}

namespace {

Result<RecordBatch> decode_aggregate(BatchReader& reader) {
  TG_TRY(const AggregateFrame head, reader.take<AggregateFrame>());
  if (head.chunks > kAggregateChunksMax || head.names > kBatchNamesMax) {
    return reader.refuse(
        str::cat("counts have at most ", kAggregateChunksMax, " chunks and ", kBatchNamesMax, " names"));
  }
  if (head.lost_before > head.first_sequence) return reader.refuse("more was lost than there was");
  RecordBatch batch{.ring_id = head.ring_id, .names = {}, .records = {}, .lost_before = head.lost_before};
  for (std::uint32_t i = 0; i < head.names; ++i) {
    TG_TRY(batch.names.emplace_back(), reader.take<NameDefinition>());
  }
  Aggregate& counts = batch.aggregate.emplace();
  counts.first = head.first_sequence;
  counts.end = head.end_sequence;
  for (std::uint32_t i = 0; i < head.chunks; ++i) {
    TG_TRY(RowsFrame rows, reader.take<RowsFrame>());
    counts.chunks.push_back(std::move(rows.chunk));
  }
  if (!reader.done()) return reader.refuse("there is more than was announced");
  if (auto sound = check_aggregate(counts); !sound) return reader.refuse(sound.error().detail());
  return batch;
}

}  // namespace

Result<RecordBatch> decode_batch(std::string_view bytes) {
  BatchReader reader(bytes);
  if (bytes.size() > kBatchBytesMax) return reader.refuse(str::cat("a batch has at most ", kBatchBytesMax, " bytes"));
  if (reader.starts_with<AggregateFrame>()) return decode_aggregate(reader);
  TG_TRY(const BatchFrame head, reader.take<BatchFrame>());
  if (head.records > kBatchRecordsMax || head.names > kBatchNamesMax) {
    return reader.refuse(str::cat("a batch has at most ", kBatchRecordsMax, " records and ", kBatchNamesMax, " names"));
  }
  if (head.lost_before > head.first_sequence) return reader.refuse("more was lost than there was");
  RecordBatch batch{.ring_id = head.ring_id, .names = {}, .records = {}, .lost_before = head.lost_before};
  for (std::uint32_t i = 0; i < head.names; ++i) {
    TG_TRY(batch.names.emplace_back(), reader.take<NameDefinition>());
  }
  for (std::uint32_t i = 0; i < head.records; ++i) {
    TG_TRY(const DecisionFrame frame, reader.take<DecisionFrame>());
    if (frame.ring_id != head.ring_id) return reader.refuse("the record is of another ring");
    if (frame.record.sequence != head.first_sequence + i) return reader.refuse("the record is out of sequence");
    batch.records.push_back(frame.record);
  }
  if (!reader.done()) return reader.refuse("there is more than was announced");
  return batch;
}

}  // namespace tollgate::core
