// tollgate: one binary, five services.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>

#include "cli/commands.h"
#include "cli/help_formatter.h"

namespace {

constexpr const char* kExamples = R"(Examples:
  tollgate up                                        all five services on ports 3000 … 3004
  tollgate up --upstream http://127.0.0.1:8080       the same, in front of your own API
  tollgate up --config tollgate.yaml --base-port 0   your routes, on any free ports
  tollgate check-config tollgate.yaml                is this file right? says file, line and what to do
  tollgate demo                                      keys of three tiers and steady traffic, to look at
  tollgate audit verify --data ./tollgate-data       has anybody altered the log of changes?
  tollgate log verify ./tollgate-data                is everything that was recorded still whole?
  tollgate gateway --help                            one service alone, and its settings
)";

constexpr const char* kLogExamples = R"(Examples:
  tollgate log verify ./tollgate-data      is every file whole? says where it is not, and exits with 1
  tollgate log cat ./tollgate-data | jq    each request as a line of JSON
  tollgate log stats ./tollgate-data       records, bytes and times, by file and in all
)";

using tollgate::cli::CommonOptions;

void add_common(CLI::App& command, CommonOptions& options) {
  auto& flags = options.flags;
  command.add_option("--config", flags.config_file, "Configuration file (YAML)");
  command.add_option("--data-dir", flags.data_dir, "Where state is kept (default ./tollgate-data)");
  command.add_option("--listen", flags.listen_address, "Address to listen on (default 127.0.0.1)");
  command.add_option("--log-level", flags.log_level, "debug, info, warn or error (default info)");
  command.add_option("--workers", flags.workers, "Event loops that carry requests (default: one a core)");
  command.add_flag("--insecure-admin", flags.insecure_admin, "Allow admin beyond loopback without TLS");
}

void add_service(CLI::App& app, CommonOptions& options, const char* name, const char* what,
                 tollgate::config::Service service) {
  CLI::App* command = app.add_subcommand(name, what);
  add_common(*command, options);
  command->add_option("--port", options.flags.port, "Port to listen on; 0: any free one");
  if (service == tollgate::config::Service::gateway) {
    command->add_option("--upstream", options.flags.upstream, "Where /api/* goes when no routes are configured");
  }
  command->callback([&options, service] { options.service = service; });
}

// What was recorded, read from files.
struct LogCommand {
  int (*action)(const std::string& path) = nullptr;  // null: another command was given
  std::string path;
};

void add_log(CLI::App& app, LogCommand& command) {
  CLI::App* log = app.add_subcommand("log", "Check, print or count what was recorded, without a running Tollgate");
  log->formatter(std::make_shared<tollgate::cli::HelpFormatter>(kLogExamples));
  log->require_subcommand(1);
  const auto add = [&](const char* name, const char* what, int (*action)(const std::string&)) {
    CLI::App* own = log->add_subcommand(name, what);
    own->add_option("DIR", command.path, "Data directory, or one file of it")->required();
    own->callback([&command, action] { command.action = action; });
  };
  add("verify", "Say what is damaged; exit code 1 when anything is", tollgate::cli::verify_log);
  add("cat", "Print each request as a line of JSON", tollgate::cli::print_log);
  add("stats", "Print records, bytes and times of each file", tollgate::cli::count_log);
}

int run(int argc, char** argv) {
  using tollgate::config::Service;
  CLI::App app("Tollgate: rate limiter and API gateway", "tollgate");
  app.formatter(std::make_shared<tollgate::cli::HelpFormatter>(kExamples));
  app.set_version_flag("--version", tollgate::cli::version_line());
  app.require_subcommand(1);

  CommonOptions options;
  CLI::App* up = app.add_subcommand("up", "Start all five services in this process");
  add_common(*up, options);
  up->add_option("--base-port", options.flags.base_port,
                 "Gateway's port; the others follow (default 3000; 0: any free ports)");
  up->add_option("--upstream", options.flags.upstream,
                 "Put the gateway in front of this API instead of the sample backend");
  up->callback([&options] { options.service = Service::all; });
  add_service(app, options, "gateway", "Start the API gateway alone", Service::gateway);
  add_service(app, options, "backend", "Start the sample backend alone", Service::backend);
  add_service(app, options, "limiter", "Start the rate limiter alone", Service::limiter);
  add_service(app, options, "analytics", "Start usage analytics alone", Service::analytics);
  add_service(app, options, "admin", "Start admin alone", Service::admin);

  std::string config_path;
  CLI::App* check = app.add_subcommand("check-config", "Check a configuration file and say what is wrong with it");
  check->add_option("FILE", config_path, "The file")->required();

  LogCommand log;
  add_log(app, log);

  std::string audit_data_dir = "./tollgate-data";
  CLI::App* audit =
      app.add_subcommand("audit", "Check the log of who changed what, beside a running Tollgate or without");
  audit->require_subcommand(1);
  CLI::App* audit_verify = audit->add_subcommand("verify", "Say whether every entry follows from the one before");
  audit_verify->add_option("--data-dir,--data", audit_data_dir, "Data directory (default ./tollgate-data)");

  tollgate::cli::DemoOptions demo_options;
  CLI::App* demo =
      app.add_subcommand("demo", "Add keys of three tiers to a running Tollgate and send traffic until Ctrl-C");
  demo->add_option("--data-dir", demo_options.data_dir,
                   "Data directory of the running Tollgate (default ./tollgate-data)");
  demo->add_option("--rate", demo_options.requests_per_second, "Requests a second, all keys together (default 50)")
      ->check(CLI::Range(1, 10'000));
  demo->add_option("--seconds", demo_options.seconds, "Stop after this long (default: never)");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (log.action != nullptr) return log.action(log.path);
  if (audit_verify->parsed()) return tollgate::cli::verify_audit(audit_data_dir);
  if (check->parsed()) return tollgate::cli::check_config(config_path);
  if (demo->parsed()) return tollgate::cli::demo(demo_options);
  return tollgate::cli::serve(options);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {  // of CLI11, for instance for an option given twice above
    std::fprintf(stderr, "tollgate: %s\n", error.what());
    return 1;
  }
}
