// Any bytes as a batch from the wire, as a segment file, and as a stored histogram.
#include <algorithm>
#include <cstdint>
#include <string_view>
#include <variant>

#include "base/assert.h"
#include "core/usage/frames.h"
#include "core/usage/histogram.h"
#include "core/usage/record_batch.h"
#include "stores/segments/segment_reader.h"

namespace tollgate::stores {
namespace {

// A file that is only in memory.
class BytesIo final : public Io {
 public:
  explicit BytesIo(std::string_view bytes) : bytes_(bytes) {}
  int open(const std::string&, int flags) override { return system_io().open("/dev/null", flags); }
  ssize_t pread(int, std::span<char> out, std::uint64_t offset) override {
    const std::string_view rest = bytes_.substr(std::min<std::size_t>(offset, bytes_.size()));
    return static_cast<ssize_t>(rest.copy(out.data(), out.size()));
  }
  ssize_t write(int, std::string_view) override { return -1; }
  ssize_t pwrite(int, std::string_view, std::uint64_t) override { return -1; }
  int fdatasync(int) override { return -1; }
  int allocate(int, std::uint64_t) override { return -1; }
  int ftruncate(int, std::uint64_t) override { return -1; }
  int unlink(const std::string&) override { return -1; }
  int rename(const std::string&, const std::string&) override { return -1; }

 private:
  std::string_view bytes_;
};

// What was accepted is exactly what would be sent.
void check_batch(std::string_view bytes) {
  const auto batch = core::decode_batch(bytes);
  if (batch) TG_ASSERT(core::encode_batch(*batch) == bytes);
}

void append(std::string& out, const auto& frame) {
  core::append_frame(out, frame);
}
// The reader gives records one by one.
void append(std::string&, const core::RecordsFrame&) {
  TG_ASSERT(false);
}

// Every byte is part of one sound frame or of one damaged place, in order; and the sound ones are written as they were
// read.
void check_segment(std::string_view bytes) {
  BytesIo io(bytes);
  auto reader = SegmentReader::open(io, "segment");
  TG_ASSERT(reader.has_value());
  std::uint64_t at = 0;
  std::uint64_t ring_id = 0;
  std::vector<core::DecisionRecord> records;
  while (true) {
    const auto item = reader->next(bytes.size());
    TG_ASSERT(item.has_value());
    if (std::holds_alternative<SegmentReader::End>(*item)) break;
    if (const auto* record = std::get_if<const core::LoggedRecord*>(&*item)) {
      records.push_back((*record)->record);
      ring_id = (*record)->ring_id;
      if (reader->offset() == at) continue;  // there are more in the frame
    }
    TG_ASSERT(reader->offset() > at && reader->offset() <= bytes.size());
    if (const auto* damage = std::get_if<SegmentReader::Damage>(&*item)) {
      TG_ASSERT(damage->offset == at && damage->offset + damage->bytes == reader->offset());
    } else if (!records.empty()) {
      std::string again;
      core::append_frame(again, ring_id, records);
      TG_ASSERT(again.size() <= reader->offset() - at);  // who wrote it may have told what need not be told
      records.clear();
    } else {
      std::string again;
      std::visit([&](const auto& frame) { append(again, frame); }, std::get<core::Frame>(*item));
      TG_ASSERT(again == bytes.substr(at, reader->offset() - at));
    }
    at = reader->offset();
  }
  TG_ASSERT(at == bytes.size());
}

void check_histogram(std::string_view bytes) {
  const auto histogram = core::Histogram::parse(bytes);
  if (!histogram) return;
  std::string again;
  histogram->serialise(again);
  TG_ASSERT(again == bytes);
  TG_ASSERT(histogram->quantile_us(0.5) <= histogram->quantile_us(0.99));
}

}  // namespace
}  // namespace tollgate::stores

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  tollgate::stores::check_batch(bytes);
  tollgate::stores::check_segment(bytes);
  tollgate::stores::check_histogram(bytes);
  return 0;
}
