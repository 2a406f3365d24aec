// A scripted HTTP server for tests of clients: for each request a function says which bytes to answer, if any. It can
// do what no server should: answer garbage, cut an answer short, reset the connection, or say nothing.
//
// Listens on a free loopback port. Each connection has a thread; the script is called by one at a time.
// Thread safety: all methods from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/ip.h"

namespace tollgate::testing {

struct FakeRequest {
  std::string method;
  std::string target;
  std::string head;  // with the request line, up to and including the empty line
  std::string body;
  // The first field of that name, in any case; empty when there is none.
  std::string header(std::string_view name) const;
};

struct FakeReply {
  enum class Then : std::uint8_t {
    keep_open,  // wait for the next request
    close,
    reset,
    hang,  // answer nothing more and keep the connection until the server ends
  };
  std::string bytes;
  Then then = Then::keep_open;

  // A well-formed answer with Content-Length.
  static FakeReply json(int status, const std::string& body);
  static FakeReply no_content();
  static FakeReply silence() { return {.bytes = {}, .then = Then::hang}; }
};

class FakeServer {
 public:
  using Script = std::function<FakeReply(const FakeRequest&)>;
  explicit FakeServer(Script script);
  ~FakeServer();
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  std::string url() const;
  std::vector<FakeRequest> requests() const;
  std::size_t connections() const { return connections_; }

  // The URL of a port where nobody listens.
  static std::string refusing_url();

 private:
  void accept_all();
  void serve(int fd);
  FakeReply answer(const FakeRequest& request);

  Script script_;
  UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> connections_{0};
  mutable std::mutex mutex_;
  std::vector<FakeRequest> requests_;
  std::vector<UniqueFd> sockets_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace tollgate::testing
