#include "stores/archive/sealed_footer.h"

#include <cstring>

#include "core/usage/varint.h"
#include "core/usage/zigzag.h"
#include "stores/archive/archive_frames.h"
#include "stores/archive/term_index.h"

namespace tollgate::stores {

using core::append_varint;

namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::uint64_t kListMax = 1u << 20;  // of blocks, pages or rings
constexpr std::string_view kTrailerMagic = "TGREQEND";

std::uint64_t as_u64(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}

// Numbers off the front of a footer; the first that is missing makes all others zero.
class FooterReader {
 public:
  explicit FooterReader(std::string_view rest) : rest_(rest) {}
  std::uint64_t take() {
    const auto value = sound_ ? core::take_varint(rest_) : std::nullopt;
    sound_ = value.has_value();
    return value.value_or(0);
  }
  std::int64_t take_signed() { return static_cast<std::int64_t>(core::unzigzag(take())); }
  std::uint64_t take_count() {
    const std::uint64_t count = take();
    sound_ = sound_ && count <= kListMax;
    return sound_ ? count : 0;
  }
  bool sound() const { return sound_; }
  bool done() const { return sound_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool sound_ = true;
};

}  // namespace

std::uint64_t SealedFooter::records() const {
  std::uint64_t records = 0;
  for (const SealedBlock& block : blocks) records += block.records;
  return records;
}

std::string encode_footer(const SealedFooter& footer) {
  std::string out;
  append_varint(out, kVersion);
  append_varint(out, core::zigzag(as_u64(footer.sealed_ns)));
  append_varint(out, footer.damaged);
  append_varint(out, footer.blocks.size());
  for (const SealedBlock& block : footer.blocks) {
    append_varint(out, block.place.offset);
    append_varint(out, block.place.bytes);
    append_varint(out, block.records);
    append_varint(out, core::zigzag(as_u64(block.first_ns)));
    append_varint(out, core::zigzag(as_u64(block.last_ns) - as_u64(block.first_ns)));
  }
  append_varint(out, footer.index.size());
  for (const FramePlace& page : footer.index) {
    append_varint(out, page.offset);
    append_varint(out, page.bytes);
  }
  append_varint(out, footer.rings.size());
  for (const core::RingPosition& ring : footer.rings) {
    append_varint(out, ring.ring_id);
    append_varint(out, ring.next_sequence);
  }
  return out;
}

std::optional<SealedFooter> decode_footer(std::string_view payload) {
  FooterReader in(payload);
  if (in.take() != kVersion) return std::nullopt;
  SealedFooter footer;
  footer.sealed_ns = in.take_signed();
  footer.damaged = in.take();
  for (std::uint64_t left = in.take_count(); left > 0 && in.sound(); --left) {
    SealedBlock& block = footer.blocks.emplace_back();
    block.place.offset = in.take();
    block.place.bytes = in.take();
    block.records = static_cast<std::uint32_t>(in.take());
    block.first_ns = in.take_signed();
    block.last_ns = static_cast<std::int64_t>(as_u64(block.first_ns) + as_u64(in.take_signed()));
  }
  for (std::uint64_t left = in.take_count(); left > 0 && in.sound(); --left) {
    const std::uint64_t offset = in.take();
    footer.index.push_back({.offset = offset, .bytes = in.take()});
  }
  for (std::uint64_t left = in.take_count(); left > 0 && in.sound(); --left) {
    const std::uint64_t ring_id = in.take();
    footer.rings.push_back({.ring_id = ring_id, .next_sequence = in.take()});
  }
  if (!in.done() || footer.blocks.size() > kIndexedBlocksMax) return std::nullopt;
  return footer;
}

std::string footer_and_trailer(const SealedFooter& footer) {
  std::string out;
  append_archive_frame(out, ArchiveFrameType::footer, encode_footer(footer));
  const auto length = static_cast<std::uint32_t>(out.size());
  char bytes[sizeof(length)];
  std::memcpy(bytes, &length, sizeof(length));
  return out.append(bytes, sizeof(length)).append(kTrailerMagic);
}

std::optional<std::uint32_t> read_trailer(std::string_view trailer) {
  if (trailer.size() != kSealedTrailerBytes || !trailer.ends_with(kTrailerMagic)) return std::nullopt;
  std::uint32_t length = 0;
  std::memcpy(&length, trailer.data(), sizeof(length));
  return length;
}

}  // namespace tollgate::stores
