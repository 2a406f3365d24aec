#include "codec/http1/connection_options.h"

#include <algorithm>

#include "base/str.h"
#include "codec/http1/char_class.h"
#include "codec/http1/field_scanner.h"

namespace tollgate::codec {
namespace {

// Each option is compared with each field, so their number is bounded. Honest messages name one to three.
constexpr unsigned kOptionsMax = 32;

void drop_nominated(std::string_view buffer, std::span<HeaderField> fields, std::string_view option, HeaderId id) {
  for (HeaderField& field : fields) {
    if (field.id != id) continue;
    if (id != HeaderId::other || str::iequals(field.name(buffer), option)) field.drop = true;
  }
}

}  // namespace

ConnectionOptions apply_connection_options(std::string_view buffer, std::span<HeaderField> fields,
                                           std::uint32_t forbidden) noexcept {
  using Fault = ConnectionOptions::Fault;
  ConnectionOptions options;
  unsigned count = 0;
  for (const HeaderField& field : fields) {
    if (field.id != HeaderId::connection) continue;
    for (std::string_view rest = field.value(buffer); !rest.empty();) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view option = str::trim(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      if (option.empty()) continue;  // lists may hold empty elements, RFC 9110 §5.6.1.2
      if (!std::ranges::all_of(option, is_token_char)) return {.fault = Fault::malformed};
      if (++count > kOptionsMax) return {.fault = Fault::too_many};
      const HeaderId id = header_id(option);
      if ((header_bit(id) & forbidden) != 0) return {.fault = Fault::forbidden};
      options.close = options.close || str::iequals(option, "close");
      options.upgrade = options.upgrade || id == HeaderId::upgrade;
      drop_nominated(buffer, fields, option, id);
    }
  }
  return options;
}

}  // namespace tollgate::codec
