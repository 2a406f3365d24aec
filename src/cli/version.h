// The version that --version, /version and the banner tell.
#pragma once

#include <string_view>

namespace tollgate::cli {

inline constexpr std::string_view kVersion = TG_VERSION;

}  // namespace tollgate::cli
