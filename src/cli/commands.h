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

// The log's files at `path`, which is one of them or a data directory, without a running Tollgate. verify_log says what
// is damaged, and then returns 1; print_log prints each record as a line of JSON; count_log what is where.
int verify_log(const std::string& path);
int print_log(const std::string& path);
int count_log(const std::string& path);

// The audit log in the data directory, whether a server runs on it or not. 1 when it is not whole.
int verify_audit(const std::string& data_dir);

struct DemoOptions {
  std::string data_dir = "./tollgate-data";
  unsigned requests_per_second = 50;
  unsigned seconds = 0;  // 0: until interrupted
};
int demo(const DemoOptions& options);

}  // namespace tollgate::cli
