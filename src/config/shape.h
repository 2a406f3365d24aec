// Compares a file with the keys that are known: reports every unknown key, and every value of the wrong shape.
#pragma once

#include "config/node.h"

namespace tollgate::config {

void check_shape(const Node& root, Problems& problems);

}  // namespace tollgate::config
