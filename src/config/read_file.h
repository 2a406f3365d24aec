// The file's values → Config. Problems are reported to the Problems that `root` was made with.
#pragma once

#include "config/config.h"
#include "config/setting.h"

namespace tollgate::config {

void read_file_settings(const Setting& root, Config& out);

}  // namespace tollgate::config
