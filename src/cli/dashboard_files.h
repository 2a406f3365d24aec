// The dashboard as it was built into this binary. The definition is generated: cmake/EmbeddedFiles.cmake.
#pragma once

#include <span>

#include "http/static_file.h"

namespace tollgate {

// Empty when web/dist was not there. Thread safety: any.
std::span<const http::StaticFile> dashboard_files();

}  // namespace tollgate
