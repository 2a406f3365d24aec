#include <signal.h>

#include <cmath>
#include <cstdio>
#include <map>

#include "base/file.h"
#include "base/str.h"
#include "cli/commands.h"
#include "codec/json/parse.h"
#include "codec/json/writer.h"
#include "http/fetch.h"
#include "runtime/loop_thread.h"

namespace tollgate::cli {
namespace {

struct Endpoints {
  http::UpstreamTarget gateway;
  http::UpstreamTarget admin;
};

struct DemoKey {
  std::string name;
  std::string tier;
  std::string consumer;
  unsigned weight;  // share of the traffic
  std::string text;
};

Result<Endpoints> read_endpoints(const std::string& data_dir) {
  auto text = read_file(data_dir + "/endpoints.json");
  if (!text) {
    return fail(codes::config_invalid, str::cat("no Tollgate is running with data directory ", data_dir,
                                                "; start one with: tollgate up --data-dir ", data_dir));
  }
  TG_TRY(const codec::JsonValue document, codec::parse_json(*text));
  const auto target = [&](std::string_view name) -> Result<http::UpstreamTarget> {
    const codec::JsonValue* url = document.find(name);
    if (url == nullptr || url->get_if<std::string>() == nullptr) {
      return fail(codes::config_invalid, str::cat(data_dir, "/endpoints.json names no ", name));
    }
    return http::parse_service_url(*url->get_if<std::string>());
  };
  TG_TRY(http::UpstreamTarget gateway, target("gateway"));
  TG_TRY(http::UpstreamTarget admin, target("admin"));
  return Endpoints{std::move(gateway), std::move(admin)};
}

// The password of the first start, or the one that the environment gives the server too.
Result<std::string> admin_password(const std::string& data_dir) {
  if (const auto given = config::process_environment("ADMIN_PASSWORD")) return *given;
  auto text = read_file(data_dir + "/admin-password");
  if (!text)
    return fail(codes::config_invalid,
                str::cat("no admin password: set ADMIN_PASSWORD, or keep ", data_dir, "/admin-password"));
  return std::string(str::trim(text->substr(0, text->find('\n'))));
}

const std::string* text_member(const codec::JsonValue& document, std::string_view name) {
  const codec::JsonValue* member = document.find(name);
  return member == nullptr ? nullptr : member->get_if<std::string>();
}

// One demonstration: its connections, keys and counts. Runs on one loop.
class Demo {
 public:
  Demo(runtime::EventLoop& loop, const Endpoints& endpoints, const DemoOptions& options)
      : loop_(loop),
        options_(options),
        gateway_(loop, {.target = endpoints.gateway}),
        admin_(loop, {.target = endpoints.admin}) {}

  Task<Result<void>> prepare(std::string password);
  Task<void> run();
  void stop() { stopping_ = true; }

 private:
  Task<Result<std::string>> post(std::string path, std::string body);
  Task<Result<void>> create_key(DemoKey& key);
  Task<void> send_one(std::uint64_t number);
  void print_line();

  runtime::EventLoop& loop_;
  const DemoOptions options_;
  http::UpstreamPool gateway_;
  http::UpstreamPool admin_;
  runtime::TaskGroup requests_{loop_};
  std::string token_;
  std::vector<DemoKey> keys_{{"demo free", "free", "Example Ltd", 6, {}},
                             {"demo pro", "pro", "Example Ltd", 3, {}},
                             {"demo enterprise", "enterprise", "Sample Corp", 1, {}}};
  std::map<std::uint16_t, std::uint64_t> statuses_;
  std::uint64_t failures_ = 0;
  bool stopping_ = false;
};

Task<Result<std::string>> Demo::post(std::string path, std::string body) {
  http::FetchRequest request{.method = "POST",
                             .target = std::move(path),
                             .headers = {{"Content-Type", "application/json"}},
                             .body = std::move(body)};
  if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
  auto response = co_await http::fetch(admin_, std::move(request));
  if (!response) co_return std::unexpected(std::move(response).error());
  if (response->status / 100 != 2)
    co_return fail(codes::forbidden, str::cat("admin answered ", response->status, ": ", response->body));
  co_return std::move(response->body);
}

Task<Result<void>> Demo::create_key(DemoKey& key) {
  std::string body;
  codec::JsonWriter(body)
      .begin_object()
      .member("name", key.name)
      .member("tier", key.tier)
      .member("consumer", key.consumer)
      .end_object();
  auto answer = co_await post("/api/admin/keys", std::move(body));
  if (!answer) co_return std::unexpected(std::move(answer).error());
  auto document = codec::parse_json(*answer);
  if (!document) co_return std::unexpected(std::move(document).error());
  const std::string* text = text_member(*document, "apiKey");
  if (text == nullptr) co_return fail(codes::internal, "admin's answer names no key");
  key.text = *text;
  co_return Result<void>{};
}

Task<Result<void>> Demo::prepare(std::string password) {
  std::string body;
  codec::JsonWriter(body)
      .begin_object()
      .member("username", config::process_environment("ADMIN_USERNAME").value_or("admin"))
      .member("password", password)
      .end_object();
  auto answer = co_await post("/api/admin/login", std::move(body));
  if (!answer) co_return std::unexpected(std::move(answer).error());
  auto document = codec::parse_json(*answer);
  if (!document) co_return std::unexpected(std::move(document).error());
  const std::string* token = text_member(*document, "token");
  if (token == nullptr) co_return fail(codes::internal, "admin's answer names no token");
  token_ = *token;
  for (DemoKey& key : keys_) {
    auto created = co_await create_key(key);
    if (!created) co_return created;
    std::printf("  %-16s %-11s %s\n", key.name.c_str(), key.tier.c_str(), key.text.c_str());
  }
  std::fflush(stdout);
  co_return Result<void>{};
}

// Different keys, paths and now and then a failure, so that every chart has something to show.
Task<void> Demo::send_one(std::uint64_t number) {
  static constexpr const char* kPaths[] = {"/api/data",       "/api/process/calculate", "/api/echo",
                                           "/api/slow?ms=20", "/api/status/404",        "/api/status/500"};
  const std::uint64_t roll = (number * 0x9e37'79b9'7f4a'7c15u) >> 40;
  const unsigned lot = static_cast<unsigned>(roll % 10);
  const DemoKey& key = lot < keys_[0].weight ? keys_[0] : lot < keys_[0].weight + keys_[1].weight ? keys_[1] : keys_[2];
  const unsigned choice = static_cast<unsigned>((roll / 10) % 40);
  const char* path = choice < 16   ? kPaths[0]
                     : choice < 28 ? kPaths[1]
                     : choice < 34 ? kPaths[2]
                     : choice < 38 ? kPaths[3]
                     : choice < 39 ? kPaths[4]
                                   : kPaths[5];
  http::FetchRequest request{
      .method = "GET", .target = path, .headers = {{"X-API-Key", key.text}}, .timeout = Millis(5'000)};
  if (choice >= 16 && choice < 28) {
    request.method = "POST";
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = R"({"value":42})";
  }
  const auto response = co_await http::fetch(gateway_, std::move(request));
  if (response) {
    ++statuses_[response->status];
  } else {
    ++failures_;
  }
}

void Demo::print_line() {
  std::string line;
  for (const auto& [status, count] : statuses_) str::append(line, "  ", status, ": ", count);
  if (failures_ > 0) str::append(line, "  failed: ", failures_);
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
  statuses_.clear();
  failures_ = 0;
}

Task<void> Demo::run() {
  const MonoTime started = loop_.now();
  std::uint64_t sent = 0;
  MonoTime next_line = started + Seconds(5);
  while (!stopping_) {
    const double elapsed = std::chrono::duration<double>(loop_.now() - started).count();
    if (options_.seconds > 0 && elapsed > options_.seconds) break;
    // A slow wave between half and all of the rate: something to see.
    const double wave = 0.75 + 0.25 * std::sin(elapsed / 20);
    const auto due = static_cast<std::uint64_t>(elapsed * options_.requests_per_second * wave);
    for (; sent < due && requests_.running() < 1'000; ++sent) requests_.spawn(send_one(sent));
    if (loop_.now() >= next_line) {
      print_line();
      next_line += Seconds(5);
    }
    co_await loop_.sleep(Millis(20));
  }
  co_await requests_.empty();
}

int report(const Error& error) {
  std::fprintf(stderr, "tollgate demo: %s\n",
               error.detail().empty() ? std::string(error.code().name).c_str() : error.detail().c_str());
  return 1;
}

}  // namespace

int demo(const DemoOptions& options) {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  const auto endpoints = read_endpoints(options.data_dir);
  if (!endpoints) return report(endpoints.error());
  const auto password = admin_password(options.data_dir);
  if (!password) return report(password.error());

  runtime::LoopThread thread("demo");
  auto demonstration = thread.call([&] { return std::make_unique<Demo>(thread.loop(), *endpoints, options); });
  std::printf("Adding keys\n");
  const auto prepared = thread.await([&] { return demonstration->prepare(*password); });
  int exit_code = prepared ? 0 : report(prepared.error());
  if (prepared) {
    std::printf("Sending about %u requests a second; answers by status every five seconds. Ctrl-C stops.\n",
                options.requests_per_second);
    std::fflush(stdout);
    // Either the traffic ends by itself, or a signal ends it.
    std::atomic<bool> over{false};
    std::thread traffic([&] {
      thread.await([&] { return demonstration->run(); });
      over = true;
    });
    const timespec moment{.tv_sec = 0, .tv_nsec = 200'000'000};
    while (!over && ::sigtimedwait(&ending, nullptr, &moment) < 0) {
    }
    thread.call([&] { demonstration->stop(); });
    traffic.join();
  }
  thread.call([&] { demonstration.reset(); });
  return exit_code;
}

}  // namespace tollgate::cli
