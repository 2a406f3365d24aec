#include "core/usage/frames.h"

#include <cstring>
#include <utility>

#include "base/assert.h"
#include "base/crc.h"

namespace tollgate::core {
namespace {

// 1 was the first form of a decision, which nobody reads any more.
enum class FrameType : std::uint8_t {
  name = 2,
  ring_position = 3,
  batch = 4,
  decision = 5,
  aggregate = 6,
  rows = 7,
  records = 8,
};

template <class T>
void put(std::string& out, T value) {
  static_assert(std::is_trivially_copyable_v<T>);
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

// Reads from a payload whose length has been checked.
class PayloadReader {
 public:
  explicit PayloadReader(std::string_view payload) : rest_(payload) {}
  template <class T>
  T take() {
    T value;
    std::memcpy(&value, rest_.data(), sizeof(T));
    rest_.remove_prefix(sizeof(T));
    return value;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

std::uint32_t checksum(std::string_view length, std::string_view type_and_payload) {
  return crc32c(type_and_payload, crc32c(length));
}

// Reserves the frame's head, lets `fill` write the payload behind it, then completes the head.
template <class Fill>
void append_with_head(std::string& out, FrameType type, Fill fill) {
  const std::size_t start = out.size();
  out.append(8, '\0');
  out.push_back(static_cast<char>(type));
  fill();
  const auto length = static_cast<std::uint32_t>(out.size() - start - kFrameHeaderBytes);
  std::memcpy(out.data() + start, &length, 4);
  const std::string_view frame = std::string_view(out).substr(start);
  const std::uint32_t sum = checksum(frame.substr(0, 4), frame.substr(8));
  std::memcpy(out.data() + start + 4, &sum, 4);
}

bool length_fits(FrameType type, std::size_t length) {
  switch (type) {
    case FrameType::decision: return length == 8 + sizeof(DecisionRecord);
    case FrameType::name: return length > 5 && length <= 5 + kNameBytesMax;
    case FrameType::ring_position: return length == 16;
    case FrameType::batch: return length == 32;
    case FrameType::aggregate: return length == 40;
    case FrameType::rows: return length > 0 && length <= kRowsBytesMax;
    case FrameType::records: return length > kPackedHeadBytes && length <= kFrameBytesMax - kFrameHeaderBytes;
  }
  return false;
}

std::optional<NameDefinition> read_name(std::string_view payload) {
  PayloadReader reader(payload);
  const auto kind = reader.take<std::uint8_t>();
  const auto ref = reader.take<NameRef>();
  if (kind < static_cast<std::uint8_t>(NameKind::route) || kind > static_cast<std::uint8_t>(kLastNameKind)) return {};
  NameDefinition name{static_cast<NameKind>(kind), ref, std::string(reader.rest())};
  // A definition proves itself, so that bytes that only look like one cannot rename anything.
  if (name_ref(name.kind, name.name) != ref) return {};
  return name;
}

bool read_records(std::string_view payload, std::vector<LoggedRecord>& into) {
  return take_rows(payload, into) && payload.empty() && into.size() <= kRecordsInFrameMax;
}

std::optional<Frame> read_payload(FrameType type, std::string_view payload) {
  PayloadReader reader(payload);
  switch (type) {
    case FrameType::decision: {
      const auto ring_id = reader.take<std::uint64_t>();
      return DecisionFrame{ring_id, reader.take<DecisionRecord>()};
    }
    case FrameType::name: return read_name(payload);
    case FrameType::ring_position: {
      const auto ring_id = reader.take<std::uint64_t>();
      return RingPosition{ring_id, reader.take<std::uint64_t>()};
    }
    case FrameType::batch: {
      BatchFrame batch;
      batch.ring_id = reader.take<std::uint64_t>();
      batch.first_sequence = reader.take<std::uint64_t>();
      batch.lost_before = reader.take<std::uint64_t>();
      batch.names = reader.take<std::uint32_t>();
      batch.records = reader.take<std::uint32_t>();
      return batch;
    }
    case FrameType::aggregate: {
      AggregateFrame aggregate;
      aggregate.ring_id = reader.take<std::uint64_t>();
      aggregate.first_sequence = reader.take<std::uint64_t>();
      aggregate.end_sequence = reader.take<std::uint64_t>();
      aggregate.lost_before = reader.take<std::uint64_t>();
      aggregate.names = reader.take<std::uint32_t>();
      aggregate.chunks = reader.take<std::uint32_t>();
      return aggregate;
    }
    case FrameType::rows: return RowsFrame{std::string(payload)};
    case FrameType::records: {
      RecordsFrame frame;
      if (!read_records(payload, frame.records)) return {};
      return frame;
    }
  }
  return {};
}

}  // namespace

void append_frame(std::string& out, const DecisionFrame& frame) {
  append_with_head(out, FrameType::decision, [&] {
    put(out, frame.ring_id);
    put(out, frame.record);
  });
}

void append_frame(std::string& out, std::uint64_t ring_id, std::span<const DecisionRecord> records) {
  TG_ASSERT(records.size() <= kRecordsInFrameMax);
  append_with_head(out, FrameType::records, [&] { append_rows(out, ring_id, records); });
}

void append_frame(std::string& out, const NameDefinition& name) {
  TG_ASSERT(!name.name.empty() && name.name.size() <= kNameBytesMax);
  append_with_head(out, FrameType::name, [&] {
    put(out, name.kind);
    put(out, name.ref);
    out.append(name.name);
  });
}

void append_frame(std::string& out, const RingPosition& position) {
  append_with_head(out, FrameType::ring_position, [&] {
    put(out, position.ring_id);
    put(out, position.next_sequence);
  });
}

void append_frame(std::string& out, const BatchFrame& batch) {
  append_with_head(out, FrameType::batch, [&] {
    put(out, batch.ring_id);
    put(out, batch.first_sequence);
    put(out, batch.lost_before);
    put(out, batch.names);
    put(out, batch.records);
  });
}

void append_frame(std::string& out, const AggregateFrame& aggregate) {
  append_with_head(out, FrameType::aggregate, [&] {
    put(out, aggregate.ring_id);
    put(out, aggregate.first_sequence);
    put(out, aggregate.end_sequence);
    put(out, aggregate.lost_before);
    put(out, aggregate.names);
    put(out, aggregate.chunks);
  });
}

void append_frame(std::string& out, const RowsFrame& rows) {
  TG_ASSERT(!rows.chunk.empty() && rows.chunk.size() <= kRowsBytesMax);
  append_with_head(out, FrameType::rows, [&] { out.append(rows.chunk); });
}

std::string_view fault_text(FrameFault fault) {
  switch (fault) {
    case FrameFault::incomplete: return "the frame is cut short";
    case FrameFault::bad_length: return "no frame of this type has this length";
    case FrameFault::bad_checksum: return "the checksum is wrong";
    case FrameFault::bad_type: return "there is no frame of this type";
    case FrameFault::bad_payload: return "the payload contradicts itself";
  }
  return "unknown";
}

std::expected<FrameRead, FrameFault> read_frame(std::string_view bytes) {
  if (bytes.size() < kFrameHeaderBytes) return std::unexpected(FrameFault::incomplete);
  PayloadReader head(bytes);
  const auto length = head.take<std::uint32_t>();
  const auto sum = head.take<std::uint32_t>();
  const auto type = head.take<FrameType>();
  if (type < FrameType::name || type > FrameType::records) return std::unexpected(FrameFault::bad_type);
  if (!length_fits(type, length)) return std::unexpected(FrameFault::bad_length);
  if (bytes.size() < kFrameHeaderBytes + length) return std::unexpected(FrameFault::incomplete);
  const std::string_view frame = bytes.substr(0, kFrameHeaderBytes + length);
  if (checksum(frame.substr(0, 4), frame.substr(8)) != sum) return std::unexpected(FrameFault::bad_checksum);
  auto payload = read_payload(type, frame.substr(kFrameHeaderBytes));
  if (!payload) return std::unexpected(FrameFault::bad_payload);
  return FrameRead{*std::move(payload), frame.size()};
}

std::size_t read_records_frame(std::string_view bytes, std::vector<LoggedRecord>& into) {
  into.clear();
  if (bytes.size() < kFrameHeaderBytes) return 0;
  PayloadReader head(bytes);
  const auto length = head.take<std::uint32_t>();
  const auto sum = head.take<std::uint32_t>();
  if (head.take<FrameType>() != FrameType::records || !length_fits(FrameType::records, length)) return 0;
  const std::size_t size = kFrameHeaderBytes + length;
  if (bytes.size() < size || checksum(bytes.substr(0, 4), bytes.substr(8, size - 8)) != sum) return 0;
  if (read_records(bytes.substr(kFrameHeaderBytes, length), into)) return size;
  into.clear();
  return 0;
}

std::optional<std::size_t> find_frame(std::string_view bytes, std::size_t from) {
  for (std::size_t at = from; at + kFrameHeaderBytes <= bytes.size(); ++at) {
    if (read_frame(bytes.substr(at))) return at;
  }
  return std::nullopt;
}

}  // namespace tollgate::core
