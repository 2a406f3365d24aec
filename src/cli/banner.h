// What `tollgate up` prints when it serves: where, the first password, and what to type next.
#pragma once

#include "cli/node.h"

namespace tollgate::cli {

void print_banner(const Node& node);

}  // namespace tollgate::cli
