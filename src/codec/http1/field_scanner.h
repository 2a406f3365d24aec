// Splits a header section into fields, incrementally: what request and response heads have in common.
// Syntax only; what the fields mean is judged once all of them are there.
#pragma once

#include <cstdint>
#include <string_view>

#include "codec/http1/head.h"

namespace tollgate::codec {

constexpr std::uint32_t header_bit(HeaderId id) {
  return std::uint32_t{1} << static_cast<unsigned>(id);
}
template <class... Ids>
constexpr std::uint32_t header_bits(Ids... ids) {
  return (header_bit(ids) | ...);
}
static_assert(kHeaderIdCount <= 32);

// Fields that concern one connection only or that the forwarder writes anew: never copied to the other side.
inline constexpr std::uint32_t kNeverForwarded =
    header_bits(HeaderId::connection, HeaderId::keep_alive, HeaderId::proxy_connection, HeaderId::te, HeaderId::trailer,
                HeaderId::upgrade, HeaderId::proxy_authorization, HeaderId::content_length, HeaderId::transfer_encoding,
                HeaderId::expect);

// Which of the known names occurred, and which occurred again.
struct FieldCensus {
  std::uint32_t seen = 0;
  std::uint32_t repeated = 0;
  bool underscored = false;  // some name holds a '_'

  void add(HeaderId id) {
    repeated |= seen & header_bit(id);
    seen |= header_bit(id);
  }
  bool has(HeaderId id) const { return (seen & header_bit(id)) != 0; }
  bool repeats(HeaderId id) const { return (repeated & header_bit(id)) != 0; }
};

// A line with its CRLF is counted in 16 bits.
inline constexpr std::uint32_t kFieldBytesMax = 65'533;

struct FieldLimits {
  std::uint32_t fields = 0;       // ≤ the room in the list
  std::uint32_t field_bytes = 0;  // name to end of value, without CRLF; ≤ kFieldBytesMax
};

// Thread safety: none. One per message; bytes are judged in order and each one once.
class FieldScanner {
 public:
  enum class Outcome : std::uint8_t { need_more, end_of_fields, malformed, too_many, too_large };

  // `offset` is where the first field line begins.
  void start(std::uint32_t offset) noexcept { *this = FieldScanner(offset); }
  // Appends complete fields to `items`, which has room for limits.fields. After need_more, call again with more bytes.
  Outcome scan(std::string_view buffer, const FieldLimits& limits, HeaderField* items, std::uint16_t& count) noexcept;

  // After end_of_fields: the offset behind the empty line.
  std::uint32_t position() const { return position_; }
  const FieldCensus& census() const { return census_; }
  // After malformed.
  std::string_view detail() const { return detail_; }

  FieldScanner() = default;

 private:
  enum class State : std::uint8_t { line_start, name, value, value_lf, end_lf };
  // The stretch of input that one step may look at; `next` is moved over what it judged.
  struct Window {
    const char* base;
    const char* next;
    const char* end;
  };

  explicit FieldScanner(std::uint32_t offset) : position_(offset), line_(offset) {}

  Outcome step(Window& window, const FieldLimits& limits, HeaderField* items, std::uint16_t& count) noexcept;
  Outcome begin_line(Window& window, const FieldLimits& limits, std::uint16_t count) noexcept;
  Outcome scan_name(Window& window, const FieldLimits& limits) noexcept;
  Outcome scan_value(Window& window, const FieldLimits& limits) noexcept;
  void finish_field(const Window& window, HeaderField& field) noexcept;
  Outcome malformed(std::string_view detail) noexcept {
    detail_ = detail;
    return Outcome::malformed;
  }

  std::uint32_t position_ = 0;
  std::uint32_t line_ = 0;  // where the current line begins
  std::uint32_t name_length_ = 0;
  State state_ = State::line_start;
  FieldCensus census_;
  std::string_view detail_;
};

}  // namespace tollgate::codec
