// Frames of archive files, each of which can be checked and read alone. The head is that of all our logs:
//
//   u32 length of payload | u32 CRC32C of length, type and payload | u8 type | payload        little-endian
//
// Names and ring positions are core's own frames (core/usage/frames.h); rows, blocks, index pages and footers are only
// here. Pure. Thread safety: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate::stores {

enum class ArchiveFrameType : std::uint8_t {
  name = 2,
  ring_position = 3,
  block = 17,       // records in the order of time, column by column, in sealed ones
  index_page = 18,  // which keys are in which blocks
  footer = 19,
  rows = 20,  // records as they came, in files that are open
};

struct ArchiveFrame {
  ArchiveFrameType type = ArchiveFrameType::name;
  std::string_view whole;  // with its head
  std::string_view payload;
};

inline constexpr std::size_t kArchiveFrameHead = 9;
inline constexpr std::size_t kArchiveFrameBytesMax = 16u << 20;

void append_archive_frame(std::string& out, ArchiveFrameType type, std::string_view payload);

enum class ArchiveFrameFault : std::uint8_t {
  incomplete,  // sound so far, but the bytes end
  damaged,
};
// The frame that stands at the beginning of `bytes`. Views into them.
std::expected<ArchiveFrame, ArchiveFrameFault> read_archive_frame(std::string_view bytes);

// A file's frames one after the other, and past places that are damaged.
class ArchiveFrames {
 public:
  ArchiveFrames(std::string_view bytes, std::size_t from) : bytes_(bytes), at_(from) {}

  // No frame is sound between offset and offset + bytes.
  struct Damage {
    std::size_t offset = 0;
    std::size_t bytes = 0;
  };
  using Item = std::expected<ArchiveFrame, Damage>;
  // Nothing at the end.
  std::optional<Item> next();
  // Where the item before ended.
  std::size_t offset() const { return at_; }

 private:
  std::string_view bytes_;
  std::size_t at_;
};

}  // namespace tollgate::stores
