// The fields of a head that pass through, as they came.
#pragma once

#include <string>
#include <string_view>

#include "codec/http1/head.h"

namespace tollgate::services {

// Appends the lines of those fields that is_kept(field) is true for. Neighbours are copied as one piece.
template <class Fields, class IsKept>
void append_kept_fields(std::string& out, const Fields& fields, std::string_view bytes, const IsKept& is_kept) {
  std::size_t from = 0;
  std::size_t to = 0;
  for (const codec::HeaderField& field : fields) {
    if (!is_kept(field)) continue;
    if (field.line_offset != to) {
      out.append(bytes.substr(from, to - from));
      from = field.line_offset;
    }
    to = field.line_offset + field.line_length;
  }
  out.append(bytes.substr(from, to - from));
}

}  // namespace tollgate::services
