// What the operator is told of how the decision log fares.
#pragma once

#include <string>

#include "stores/segments/log_watch.h"

namespace tollgate::cli {

// `directory` is the log's. One line in the operator's log.
void report_log_condition(stores::LogCondition condition, const std::string& directory);

}  // namespace tollgate::cli
