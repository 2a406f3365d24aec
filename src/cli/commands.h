// What each subcommand does. Every function returns the process's exit code: 0 done, 1 it could not, 2 wrong usage.
#pragma once

#include <cstdint>
#include <string>

#include "config/load.h"

namespace tollgate::cli {

struct CommonOptions {
  config::Service service = config::Service::all;
  config::Flags flags;
};

std::string version_line();  // "tollgate 0.1.0"

// Starts what is asked for, prints where it answers, and runs until SIGTERM or SIGINT; then drains.
int serve(const CommonOptions& options);

int check_config(const std::string& path);

struct DemoOptions {
  std::string data_dir = "./tollgate-data";
  unsigned requests_per_second = 50;
  unsigned seconds = 0;  // 0: until interrupted
};
int demo(const DemoOptions& options);

}  // namespace tollgate::cli
