// The parsed head of an HTTP/1 message. Offsets, not pointers: the bytes stay in the connection's buffer, which may
// move, and nothing is allocated per header. All views are made against the buffer that the parser was given.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tollgate::codec {

// Fields that some part of Tollgate treats specially; every other name is `other`.
enum class HeaderId : std::uint8_t {
  other,
  host,
  content_length,
  transfer_encoding,
  connection,
  keep_alive,
  proxy_connection,
  te,
  trailer,
  upgrade,
  expect,
  authorization,
  proxy_authorization,
  x_api_key,
  x_forwarded_for,
  x_forwarded_proto,
  x_forwarded_host,
  x_real_ip,
  forwarded,
  via,
  max_forwards,
  x_request_id,
  traceparent,
  content_type,
  date,
  server,
};
inline constexpr std::size_t kHeaderIdCount = static_cast<std::size_t>(HeaderId::server) + 1;

// Case-insensitive; `other` for names not in the list.
HeaderId header_id(std::string_view name) noexcept;

struct Slice {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  std::string_view in(std::string_view buffer) const { return buffer.substr(offset, length); }
};

struct HeaderField {
  std::uint32_t line_offset = 0;  // where the line starts = where the name starts
  std::uint16_t name_length = 0;
  HeaderId id = HeaderId::other;
  bool drop = false;               // set by the parser or a phase: this line is not forwarded
  std::uint32_t value_offset = 0;  // after leading OWS
  std::uint16_t value_length = 0;  // before trailing OWS
  std::uint16_t line_length = 0;   // with CRLF: a kept line is copied as it came

  std::string_view name(std::string_view buffer) const { return buffer.substr(line_offset, name_length); }
  std::string_view value(std::string_view buffer) const { return buffer.substr(value_offset, value_length); }
  std::string_view line(std::string_view buffer) const { return buffer.substr(line_offset, line_length); }
};

// Known methods are an enum for the route table and the log; any other token keeps its text.
enum class Method : std::uint8_t { get, head, post, put, patch, del, options, trace, connect, other };
std::string_view method_name(Method method) noexcept;  // "GET"; "OTHER" for other
Method parse_method(std::string_view token) noexcept;  // case-sensitive

enum class Framing : std::uint8_t {
  none,            // no body follows
  content_length,  // exactly content_length bytes (> 0) follow
  chunked,
  until_close,  // responses only
};

template <std::size_t N>
struct FieldList {
  std::array<HeaderField, N> items;
  std::uint16_t count = 0;

  HeaderField* begin() { return items.data(); }
  HeaderField* end() { return items.data() + count; }
  const HeaderField* begin() const { return items.data(); }
  const HeaderField* end() const { return items.data() + count; }
  // The first field with this id, or nullptr.
  const HeaderField* find(HeaderId id) const {
    for (const HeaderField& field : *this) {
      if (field.id == id) return &field;
    }
    return nullptr;
  }
};

// Everything about a request but its fields. Apart, so that a head is made new without touching 2 KB of field storage.
struct RequestFacts {
  Method method = Method::other;
  Slice method_text;
  // origin-form path and query exactly as sent ("/a/b", "x=1" without '?'); for absolute-form the target's own.
  Slice path;
  Slice query;
  bool has_query = false;
  bool absolute_form = false;   // its path may be empty, which means "/"
  bool https_scheme = false;    // absolute-form with https
  bool asterisk_form = false;   // OPTIONS *
  bool authority_form = false;  // CONNECT host:port
  bool path_is_plain = false;   // nothing to normalise: no '%', no "//", no dot segment, no ';' before one
  Slice authority;              // host[:port]: from Host, or from the target in absolute-form; validated
  std::uint8_t minor = 1;       // HTTP/1.minor; 1.2..1.9 count as 1.1
  Framing framing = Framing::none;
  std::uint64_t content_length = 0;
  bool has_content_length = false;  // also for `Content-Length: 0`, where framing is none
  bool keep_alive = true;           // false for HTTP/1.0, `Connection: close`
  bool expect_continue = false;     // `Expect: 100-continue` in HTTP/1.1 with a body announced
  bool connection_upgrade = false;
  std::optional<std::uint64_t> max_forwards;  // of OPTIONS and TRACE; what is more than 64 bits hold is their most
  std::uint8_t underscored_dropped = 0;       // fields marked `drop` because their name has '_' (saturates at 255)
  std::uint32_t size = 0;                     // bytes of the head including skipped leading CRLFs and the final CRLF
};

struct RequestHead : RequestFacts {
  FieldList<100> fields;

  void clear() noexcept {
    static_cast<RequestFacts&>(*this) = {};
    fields.count = 0;
  }
};

struct ResponseFacts {
  std::uint16_t status = 0;  // 100 … 599
  Slice reason;
  std::uint8_t minor = 1;
  Framing framing = Framing::none;
  std::uint64_t content_length = 0;
  bool has_content_length = false;  // also for HEAD and 304, where no body follows
  bool keep_alive = true;
  std::uint32_t size = 0;
};

struct ResponseHead : ResponseFacts {
  FieldList<200> fields;

  void clear() noexcept {
    static_cast<ResponseFacts&>(*this) = {};
    fields.count = 0;
  }
};

}  // namespace tollgate::codec
