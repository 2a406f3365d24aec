// Finds a message's body in the bytes of its connection, whatever the framing. Sans-I/O, no copies: data comes out as
// views into the input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "codec/http1/head.h"

namespace tollgate::codec {

struct BodyLimits {
  std::uint32_t chunk_extension_bytes = 16 * 1024;  // in the whole message
  std::uint32_t trailer_bytes = 64 * 1024;
  std::uint32_t trailer_fields = 100;
};

// Thread safety: none; one per message.
class BodyDecoder {
 public:
  enum class Event : std::uint8_t {
    need_more,  // all input was consumed
    data,       // `data` is a piece of the body
    done,       // the body is complete; bytes after `consumed` belong to the next message
    error,      // framing is broken: close the connection, parse nothing more
  };
  struct Step {
    Event event = Event::need_more;
    std::size_t consumed = 0;  // bytes of the input used up, data included
    std::string_view data;
  };

  BodyDecoder() = default;
  BodyDecoder(Framing framing, std::uint64_t content_length, const BodyLimits& limits = {});

  // Feeds bytes that follow what earlier steps consumed. Call until need_more, done or error.
  Step step(std::string_view input) noexcept;
  // The peer closed its side. Returns true when that completes the body (until_close), false when it cuts it short.
  bool on_end_of_stream() noexcept;

  bool done() const { return state_ == State::done; }
  std::string_view error_detail() const { return detail_; }
  // Body bytes delivered so far, framing excluded.
  std::uint64_t delivered() const { return delivered_; }

 private:
  // The extension_… states follow the grammar of RFC 9112 §7.1.1 after a chunk's size.
  enum class State : std::uint8_t {
    fixed,
    until_close,
    chunk_size,
    extension_gap,    // white space that a ';' must end
    extension_start,  // behind a ';'
    extension_name,
    extension_named,  // white space behind a name
    extension_value,  // behind a '='
    extension_token,
    extension_quoted,
    extension_escape,
    extension_end,  // behind a closing quote
    chunk_size_lf,
    chunk_data,
    chunk_data_cr,
    chunk_data_lf,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_lf,
    last_lf,
    done,
    failed
  };

  Step deliver(std::string_view input, std::size_t used) noexcept;
  void judge(char c) noexcept;
  void judge_size(char c) noexcept;
  void judge_extension(char c) noexcept;
  void judge_trailer(char c) noexcept;
  void count_extension_byte() noexcept;
  // Goes to `next` when `fits`, fails otherwise.
  void go(bool fits, State next, std::string_view otherwise) noexcept;
  void fail(std::string_view detail) noexcept;

  BodyLimits limits_{};
  State state_ = State::done;
  std::uint8_t size_digits_ = 0;
  std::uint32_t extension_bytes_ = 0;  // in the whole message
  std::uint32_t trailer_bytes_ = 0;
  std::uint32_t trailer_fields_ = 0;
  std::uint64_t remaining_ = 0;  // of the fixed body or the current chunk
  std::uint64_t delivered_ = 0;
  std::string_view detail_;
};

// The line that precedes a chunk of `size` bytes ("1f4\r\n"), written into `out` (at least 20 bytes). Returns its
// length.
std::size_t write_chunk_header(char* out, std::uint64_t size) noexcept;
inline constexpr std::string_view kChunkEnd = "\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace tollgate::codec
