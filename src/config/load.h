// Makes a Config: defaults, then the file, then the environment, then flags; then what must hold of the whole.
//
// Errors are config_invalid. The detail has one problem a line, all of them, as "file:line:column: key: what is wrong";
// problems of variables and flags begin with their name instead.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/problems.h"

namespace tollgate::config {

// What is started: decides whose port PORT and --port are.
enum class Service : std::uint8_t { all, gateway, backend, limiter, analytics, admin };

// Values given on the command line.
struct Flags {
  std::optional<std::string> config_file;
  std::optional<std::string> data_dir;
  std::optional<std::uint16_t>
      base_port;                      // gateway, backend, limiter, analytics, admin: base … base + 4; 0: any free ports
  std::optional<std::uint16_t> port;  // of the one service that is started; not with Service::all
  std::optional<std::string> listen_address;
  std::optional<std::string> upstream;
  std::optional<std::string> log_level;
  std::optional<unsigned> workers;
  bool insecure_admin = false;
};

// The value of a variable, or nothing when it is not set. An empty value counts as not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;
// That of this process.
std::optional<std::string> process_environment(std::string_view name);

struct LoadInput {
  Service service = Service::all;
  Flags flags;
  Environment environment = process_environment;
};

struct Loaded {
  Config config;
  std::vector<std::string> warnings;  // whole sentences, for the log
};

// Routes that name no upstream get the default one. Without that either, they get the sample backend's listen address,
// whose port is 0 when it is to take any free one: whoever starts the backend replaces the 0 by the port that it got.
Result<Loaded> load(const LoadInput& input);

// The same, with a text in place of flags.config_file; `name` stands for it in error texts.
struct ConfigText {
  std::string_view name;
  std::string_view text;
};
Result<Loaded> load_text(const ConfigText& file, const LoadInput& input);
// One by one what load_text() says in one error; nothing when it would succeed.
std::vector<Problem> problems_of(const ConfigText& file, const LoadInput& input);

}  // namespace tollgate::config
