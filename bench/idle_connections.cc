// Opens many keep-alive connections to a gateway, sends one request on each, reads its whole answer and leaves the
// connection idle. Prints "idle N" when all are, and closes them when its standard input ends.
//
//   bench_idle_connections PORT COUNT API_KEY PATH
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Plan {
  std::uint16_t port = 0;
  std::size_t count = 0;
  std::string request;
};

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "bench_idle_connections: %s\n", what.c_str());
  std::exit(1);
}

template <class N>
N parse_number(std::string_view text) {
  N value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) give_up(std::string(text) + " is not a number");
  return value;
}

Plan parse_arguments(std::span<char*> arguments) {
  if (arguments.size() != 5) give_up("usage: bench_idle_connections PORT COUNT API_KEY PATH");
  return {.port = parse_number<std::uint16_t>(arguments[1]),
          .count = parse_number<std::size_t>(arguments[2]),
          .request = std::string("GET ") + arguments[4] +
                     " HTTP/1.1\r\nHost: bench.test\r\nX-API-Key: " + arguments[3] + "\r\n\r\n"};
}

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (fd < 0 || ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    std::perror("bench_idle_connections: connect");
    std::exit(1);
  }
  return fd;
}

// The length of the whole answer, or 0 while its head is not complete. Tollgate's answers here all carry
// Content-Length.
std::size_t answer_length(std::string_view answer) {
  const auto head = answer.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  constexpr std::string_view kName = "ontent-";
  for (auto at = answer.find(kName); at < head; at = answer.find(kName, at + 1)) {
    std::string_view field = answer.substr(at + kName.size(), head - at - kName.size());
    if (!field.starts_with("Length: ") && !field.starts_with("length: ")) continue;
    field.remove_prefix(8);
    return head + 4 + parse_number<std::size_t>(field.substr(0, field.find('\r')));
  }
  give_up("an answer without Content-Length:\n" + std::string(answer.substr(0, head)));
}

void request_once(int fd, std::string_view request) {
  if (::write(fd, request.data(), request.size()) != static_cast<ssize_t>(request.size())) give_up("write failed");
  std::string answer;
  std::array<char, 4096> piece{};
  for (std::size_t length = 0; length == 0 || answer.size() < length; length = answer_length(answer)) {
    const ssize_t received = ::read(fd, piece.data(), piece.size());
    if (received <= 0) give_up("the gateway closed a connection");
    answer.append(piece.data(), static_cast<std::size_t>(received));
  }
  if (!answer.starts_with("HTTP/1.1 200")) give_up("expected 200, got: " + answer.substr(0, answer.find('\r')));
}

void raise_descriptor_limit(std::size_t count) {
  const rlimit wanted{.rlim_cur = count + 100, .rlim_max = count + 100};
  rlimit now{};
  ::getrlimit(RLIMIT_NOFILE, &now);
  if (now.rlim_cur < wanted.rlim_cur && ::setrlimit(RLIMIT_NOFILE, &wanted) != 0) {
    give_up("needs " + std::to_string(wanted.rlim_cur) + " descriptors; raise ulimit -n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Plan plan = parse_arguments({argv, static_cast<std::size_t>(argc)});
  raise_descriptor_limit(plan.count);
  std::vector<int> connections;
  connections.reserve(plan.count);
  while (connections.size() < plan.count) {
    connections.push_back(connect_to(plan.port));
    request_once(connections.back(), plan.request);
  }
  std::printf("idle %zu\n", connections.size());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
}
