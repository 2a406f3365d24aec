#include <signal.h>
#include <unistd.h>

#include <cstdio>

#include "base/str.h"
#include "cli/banner.h"
#include "cli/commands.h"
#include "cli/descriptors.h"
#include "cli/log_level.h"
#include "cli/node.h"
#include "cli/version.h"
#include "codec/json/writer.h"
#include "telemetry/log.h"

namespace tollgate::cli {
namespace {

// Signals that end the process are taken by one thread that waits for them; every thread started after this ignores
// them.
sigset_t block_ending_signals() {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return ending;
}

Result<void> write_endpoints(const Node& node) {
  std::string text;
  codec::JsonWriter json(text);
  json.begin_object();
  for (const auto& address : node.addresses()) json.member(address.name, address.url);
  json.end_object();
  text.push_back('\n');
  return write_file_atomic(node.config().data_dir + "/endpoints.json", text, 0644);
}

int report(const Error& error) {
  std::fprintf(stderr, "tollgate: %s\n",
               error.detail().empty() ? std::string(error.code().name).c_str() : error.detail().c_str());
  return 1;
}

}  // namespace

std::string version_line() {
  return str::cat("tollgate ", kVersion);
}

int serve(const CommonOptions& options) {
  const sigset_t ending = block_ending_signals();
  config::LoadInput input{.service = options.service, .flags = options.flags};
  auto loaded = config::load(input);
  if (!loaded) return report(loaded.error());
  set_log_level(loaded->config.log_level);
  for (const std::string& warning : loaded->warnings) telemetry::log(telemetry::Level::warn, "config", warning);

  raise_descriptor_limit();
  auto node = Node::start(std::move(loaded->config), std::move(input));
  if (!node) return report(node.error());
  if (options.service == config::Service::all) {
    if (auto written = write_endpoints(**node); !written) return report(written.error());
  }
  print_banner(**node);

  int signal = 0;
  ::sigwait(&ending, &signal);
  telemetry::log(telemetry::Level::info, "tollgate", "stopping",
                 {{"signal", std::string(signal == SIGTERM ? "SIGTERM" : "SIGINT")}});
  (*node)->drain();
  if (options.service == config::Service::all) ::unlink(((*node)->config().data_dir + "/endpoints.json").c_str());
  return 0;
}

}  // namespace tollgate::cli
