// A plain, blocking HTTP/1.1 client for tests: what it sends is exactly what the test says, and it can send any bytes.
//
// Everything fails by throwing std::runtime_error with a reason, which GoogleTest reports; waits end after ten seconds.
// Thread safety: one thread per client.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/ip.h"

namespace tollgate::testing {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpReply {
  int status = 0;
  Headers headers;   // in order, as sent
  std::string body;  // without chunked coding

  // The first field of that name, in any case; empty when there is none.
  std::string header(std::string_view name) const;
  bool has(std::string_view name) const;
};

struct HttpCall {
  std::string method = "GET";
  std::string target = "/";
  Headers headers{};   // Host is added when it is not there
  std::string body{};  // Content-Length is added when there is a body and no framing header
};

// One chunk of a chunked body.
std::string as_chunk(std::string_view data);

class HttpClient {
 public:
  explicit HttpClient(const SocketAddress& address);
  // From another address of this machine: all of 127.0.0.0/8 is.
  HttpClient(const SocketAddress& address, const IpAddress& from);

  // One request and its reply on this connection.
  HttpReply call(const HttpCall& call);
  HttpReply get(const std::string& target, Headers headers = {});
  // With Content-Type: application/json.
  HttpReply post(const std::string& target, const std::string& json, Headers headers = {});

  void send(std::string_view bytes);
  void shutdown_write();
  void reset();  // the other side sees RST; the client is of no more use
  // The next reply; interim ones (1xx) are skipped. `to_head`: it has no body whatever its fields say.
  HttpReply read_reply(bool to_head = false);
  // Its head alone: the body is read with read_some().
  HttpReply read_head();
  // What has arrived, at least one byte; empty at the end of the stream.
  std::string read_some();
  std::string read_until_closed();
  // Bytes as they come, framing included, up to the end of the next `mark`.
  std::string read_until(std::string_view mark);

 private:
  std::string take(std::size_t count);
  std::string take_line();
  std::string take_chunks();

  UniqueFd fd_;
  std::string buffered_;
};

}  // namespace tollgate::testing
