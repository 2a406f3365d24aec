// The binary as a user runs it, and the calls that a user makes to it.
//
// Secrets of an installation are read where a user finds them: <data-dir>/admin-password, or what the test configured.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/http_client.h"
#include "tests/support/json.h"

namespace tollgate::testing {

using Environment = std::map<std::string, std::string>;

// TG_BINARY from the environment, or the one of this build.
std::string tollgate_binary();

// `tollgate <arguments>`
Command tollgate(std::vector<std::string> arguments, Environment env = {});

// "http://127.0.0.1:3000" → its address
SocketAddress address_of(std::string_view url);

struct CreatedKey {
  std::string id;
  std::string text;  // the key itself
};

// A `tollgate up`, or one service, on free ports; constructed when it serves. Throws with its output when it does not.
class TollgateProcess {
 public:
  struct Options {
    std::vector<std::string> arguments{"up", "--base-port", "0"};  // before --data-dir
    std::string data_dir;
    Environment env;
  };
  explicit TollgateProcess(Options options);

  ChildProcess& process() { return process_; }
  const std::string& data_dir() const { return options_.data_dir; }
  // By service: gateway, backend, limiter, analytics, admin.
  const std::string& url(const std::string& service) const;
  SocketAddress address(const std::string& service) const { return address_of(url(service)); }

  // SIGTERM; its exit code. Throws before when a gateway has lost sight of a record.
  int stop();
  void kill();  // SIGKILL

  // A whole number on a service's /metrics; throws when it is not there.
  std::uint64_t metric(const std::string& service, const std::string& name) const;

  // One call on a connection of its own.
  HttpReply call(const std::string& service, const HttpCall& call) const;
  // As the logged-in admin, with a JSON body if there is one.
  HttpReply admin_call(const std::string& service, HttpCall call);
  HttpReply get(const std::string& service, const std::string& target);
  const std::string& token();
  std::string password() const;

  CreatedKey create_key(const std::string& json);
  // A request through the gateway.
  HttpReply use(const std::string& key, const std::string& target = "/api/data") const;

 private:
  void check_conservation() const;

  Options options_;
  ChildProcess process_;
  std::map<std::string, std::string> urls_;
  std::string token_;
};

}  // namespace tollgate::testing
