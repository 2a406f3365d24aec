#include "codec/http1/framing_fields.h"

#include <algorithm>

#include "base/str.h"
#include "codec/http1/char_class.h"

namespace tollgate::codec {
namespace {

constexpr std::string_view kChunked = "chunked";

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

// token *( ";" token "=" token ), with white space around ';' and '='. Quoted parameter values count as malformed: no
// registered coding has any, and they could hide a comma.
bool is_coding(std::string_view element) {
  const std::size_t name_end = std::min(element.find(';'), element.size());
  if (!is_token(str::trim(element.substr(0, name_end)))) return false;
  for (std::string_view rest = element.substr(name_end); !rest.empty();) {
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find(';'), rest.size());
    const std::string_view parameter = rest.substr(0, end);
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) return false;
    if (!is_token(str::trim(parameter.substr(0, equals)))) return false;
    if (!is_token(str::trim(parameter.substr(equals + 1)))) return false;
    rest.remove_prefix(end);
  }
  return true;
}

bool names_chunked(std::string_view element) {
  return str::iequals(str::trim(element.substr(0, std::min(element.find(';'), element.size()))), kChunked);
}

}  // namespace

std::optional<std::uint64_t> parse_content_length(std::string_view value) noexcept {
  if (value.empty() || !std::ranges::all_of(value, is_digit)) return std::nullopt;
  if (value.size() > 1 && value.front() == '0') return std::nullopt;
  const auto length = str::parse_int<std::uint64_t>(value);
  if (!length || *length > kContentLengthMax) return std::nullopt;
  return length;
}

TransferCoding parse_transfer_encoding(std::string_view value) noexcept {
  if (str::iequals(value, kChunked)) return TransferCoding::chunked;
  for (std::string_view rest = value;;) {
    const std::size_t comma = rest.find(',');
    const bool last = comma == std::string_view::npos;
    const std::string_view element = str::trim(rest.substr(0, comma));
    if (!is_coding(element)) return TransferCoding::malformed;
    if (names_chunked(element) && (!last || element.size() != kChunked.size())) return TransferCoding::malformed;
    if (last) return TransferCoding::unknown;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace tollgate::codec
