#include <cstdio>

#include "cli/commands.h"

namespace tollgate::cli {

int check_config(const std::string& path) {
  config::LoadInput input;
  input.flags.config_file = path;
  const auto loaded = config::load(input);
  if (!loaded) {
    std::fprintf(stderr, "%s\n", loaded.error().detail().c_str());
    return 1;
  }
  for (const std::string& warning : loaded->warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());
  const auto routes = loaded->config.gateway.routes.size();
  std::printf("%s is right: %zu route%s\n", path.c_str(), routes, routes == 1 ? "" : "s");
  return 0;
}

}  // namespace tollgate::cli
