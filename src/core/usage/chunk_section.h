// One section of a chunk, while it is written and while it is read: numbers as varints, or bytes as they are.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tollgate::core::chunk_format {

class SectionWriter {
 public:
  // A row of a column. Nothing but zeros leaves no bytes.
  void add(std::uint64_t value) {
    if (value == 0 && size_ == 0) {
      ++leading_zeros_;
    } else {
      append(value);
    }
  }
  // For a section that is no column.
  void add_bytes(std::string_view bytes);
  std::string_view bytes() const { return {bytes_.data(), size_}; }
  void clear() { leading_zeros_ = size_ = 0; }

 private:
  void append(std::uint64_t value);
  void make_room(std::size_t bytes);

  std::string bytes_;  // size_ of them count
  std::size_t size_ = 0;
  std::size_t leading_zeros_ = 0;
};

// `sound` becomes false when there is nothing more to read.
class SectionReader {
 public:
  SectionReader() = default;
  explicit SectionReader(std::string_view bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()), all_zeros_(bytes.empty()) {}

  // The next row of a column.
  std::uint64_t next(bool& sound) {
    if (at_ == end_) {
      sound = sound && all_zeros_;
      return 0;
    }
    const auto byte = static_cast<std::uint8_t>(*at_++);
    return byte < 0x80 ? byte : rest_of(byte, sound);
  }
  void skip(std::size_t rows, bool& sound);
  // Of a section that is no column: so many bytes; none when there are fewer.
  std::string_view take_bytes(std::size_t count, bool& sound);

 private:
  std::uint64_t rest_of(std::uint64_t value, bool& sound);

  const char* at_ = nullptr;
  const char* end_ = nullptr;
  bool all_zeros_ = true;
};

}  // namespace tollgate::core::chunk_format
