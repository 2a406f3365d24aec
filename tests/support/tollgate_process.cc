#include "tests/support/tollgate_process.h"

#include <signal.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>

#include "base/str.h"

namespace tollgate::testing {
namespace {

std::vector<std::string> with_data_dir(std::vector<std::string> arguments, const std::string& data_dir) {
  arguments.insert(arguments.end(), {"--data-dir", data_dir});
  return arguments;
}

// "  gateway    http://127.0.0.1:3000    …", one line a service.
std::map<std::string, std::string> urls_in(const std::string& banner) {
  std::map<std::string, std::string> urls;
  std::istringstream lines(banner);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    std::string url;
    words >> name >> url;
    if (line.starts_with("  ") && url.starts_with("http://")) urls[name] = url;
  }
  return urls;
}

}  // namespace

std::string tollgate_binary() {
  const char* chosen = std::getenv("TG_BINARY");
  return chosen == nullptr ? TG_BUILT_BINARY : chosen;
}

Command tollgate(std::vector<std::string> arguments, Environment env) {
  arguments.insert(arguments.begin(), tollgate_binary());
  return {.argv = std::move(arguments), .env = std::move(env)};
}

SocketAddress address_of(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  const std::size_t colon = url.rfind(':');
  const auto ip = IpAddress::parse(url.substr(kScheme.size(), colon - kScheme.size()));
  const auto port = str::parse_int<std::uint16_t>(url.substr(colon + 1));
  if (!url.starts_with(kScheme) || !ip || !port) throw std::runtime_error(str::cat("no address in ", url));
  return {.ip = *ip, .port = *port};
}

TollgateProcess::TollgateProcess(Options options)
    : options_(std::move(options)),
      process_(tollgate(with_data_dir(options_.arguments, options_.data_dir), options_.env)) {
  const bool serves = eventually(Millis(60'000), [&] {
    return process_.out().find("Ctrl-C stops it") != std::string::npos || !process_.running();
  });
  if (!serves || !process_.running()) throw std::runtime_error("tollgate does not serve: " + process_.err());
  urls_ = urls_in(process_.out());
}

const std::string& TollgateProcess::url(const std::string& service) const {
  const auto found = urls_.find(service);
  if (found == urls_.end()) throw std::runtime_error("this process does not run " + service);
  return found->second;
}

std::uint64_t TollgateProcess::metric(const std::string& service, const std::string& name) const {
  const std::string all = call(service, {.target = "/metrics"}).body;
  const std::size_t line = all.find(str::cat("\n", name, " "));
  if (line == std::string::npos) throw std::runtime_error(str::cat("no metric ", name, ":\n", all));
  return std::stoull(all.substr(line + name.size() + 2));
}

// Whatever a test has done: every request's record is somewhere.
void TollgateProcess::check_conservation() const {
  const auto count = [&](std::string_view name) { return metric("gateway", str::cat("tollgate_log_", name)); };
  const std::uint64_t unaccounted = count("unaccounted");
  const std::uint64_t dropped =
      count(R"(dropped_total{reason="no_room"})") + count(R"(dropped_total{reason="damage"})");
  if (unaccounted == 0 && dropped == 0) return;
  throw std::runtime_error(str::cat("of ", count("produced_total"), " records ", unaccounted, " are nowhere and ",
                                    dropped, " were dropped"));
}

int TollgateProcess::stop() {
  if (urls_.contains("gateway")) check_conservation();
  process_.signal(SIGTERM);
  return process_.wait();
}

void TollgateProcess::kill() {
  process_.signal(SIGKILL);
  process_.wait();
}

HttpReply TollgateProcess::call(const std::string& service, const HttpCall& call) const {
  return HttpClient(address(service)).call(call);
}

HttpReply TollgateProcess::admin_call(const std::string& service, HttpCall call) {
  call.headers.emplace_back("Authorization", "Bearer " + token());
  if (!call.body.empty()) call.headers.emplace_back("Content-Type", "application/json");
  return this->call(service, call);
}

HttpReply TollgateProcess::get(const std::string& service, const std::string& target) {
  return admin_call(service, {.target = target});
}

std::string TollgateProcess::password() const {
  const auto configured = options_.env.find("ADMIN_PASSWORD");
  if (configured != options_.env.end()) return configured->second;
  const std::string content = read_file(options_.data_dir + "/admin-password").value_or("");
  return content.substr(0, content.find('\n'));
}

const std::string& TollgateProcess::token() {
  if (!token_.empty()) return token_;
  const std::string credentials = str::cat(R"({"username":"admin","password":")", password(), R"("})");
  const HttpReply reply = HttpClient(address("admin")).post("/api/admin/login", credentials);
  if (reply.status != 200) throw std::runtime_error(str::cat("login: ", reply.status, " ", reply.body));
  return token_ = Json(reply.body)["token"].text();
}

CreatedKey TollgateProcess::create_key(const std::string& json) {
  const HttpReply reply = admin_call("admin", {.method = "POST", .target = "/api/admin/keys", .body = json});
  if (reply.status != 201) throw std::runtime_error(str::cat("create key: ", reply.status, " ", reply.body));
  const Json key(reply.body);
  return {.id = key["id"].text(), .text = key["apiKey"].text()};
}

HttpReply TollgateProcess::use(const std::string& key, const std::string& target) const {
  return call("gateway", {.target = target, .headers = {{"X-API-Key", key}}});
}

}  // namespace tollgate::testing
