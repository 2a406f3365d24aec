#include "cli/log_report.h"

#include "telemetry/log.h"

namespace tollgate::cli {

using stores::LogCondition;
using telemetry::Level;

void report_log_condition(LogCondition condition, const std::string& directory) {
  const auto report = [&](Level level, std::string_view event, std::string_view effect) {
    telemetry::log(
        level, "gateway", event,
        {{"directory", directory},
         {"effect", std::string(effect)},
         {"remedy", std::string("free space there, or see what is wrong with the disk; it goes on by itself")}});
  };
  switch (condition) {
    case LogCondition::whole: telemetry::log(Level::info, "gateway", "the decision log is whole again"); return;
    case LogCondition::in_memory:
      return report(Level::warn, "there is no room for the decision log's files",
                    "requests are served and counted; a kill may take the records of its last moments");
    case LogCondition::waiting:
      return report(Level::warn, "the disk does not take the decision log", "records wait in the rings");
    case LogCondition::counting:
      return report(Level::warn, "there is no room for records of requests",
                    "of the older ones only counts are kept: totals stay exact, single requests cannot be found");
    case LogCondition::dropping:
      return report(Level::error, "records of requests are lost", "there is no room even for counts; each is counted");
  }
}

}  // namespace tollgate::cli
