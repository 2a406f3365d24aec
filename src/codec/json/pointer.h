// RFC 6901 pointers, which say where in a document a fault stands: "/keys/3/name".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tollgate::codec {

// "<base>/<name>", with "~" and "/" inside the name written as "~0" and "~1".
std::string json_pointer(std::string_view base, std::string_view name);
std::string json_pointer(std::string_view base, std::size_t index);

}  // namespace tollgate::codec
