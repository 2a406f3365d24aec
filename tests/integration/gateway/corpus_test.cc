// The public Http11Probe requests against a whole gateway: each gets the status and the end of its connection that the
// policy says, whole, byte by byte and behind a good request; and the upstream sees nothing of a refused one.
#include <gtest/gtest.h>

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "base/str.h"
#include "tests/support/gateway_harness.h"

namespace tollgate::testing {
namespace {

struct Verdict {
  std::set<int> statuses;  // 200 stands for 2xx; empty: closed without an answer
  bool closes = false;
};

struct Case {
  std::string id;
  std::string request;
  Verdict verdict;
};

std::string data_path(std::string_view file) {
  const char* const root = std::getenv("TG_SOURCE_DIR");
  return str::cat(root != nullptr ? root : ".", "/tests/data/http11probe/", file);
}

// The string member `name` of a one-line JSON object. Escapes and UTF-8 up to U+00FF stand for one byte each.
std::string json_member(std::string_view line, std::string_view name) {
  std::size_t i = line.find(str::cat("\"", name, "\": \"")) + name.size() + 5;
  std::string text;
  for (; line[i] != '"'; ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    if (line[i] == '\\' && line[i + 1] == 'u') {
      unsigned code = 0;
      std::from_chars(line.data() + i + 2, line.data() + i + 6, code, 16);
      text.push_back(static_cast<char>(code));
      i += 5;
    } else if (line[i] == '\\') {
      const auto named = std::string_view("rntbf").find(line[++i]);
      text.push_back(named == std::string_view::npos ? line[i] : "\r\n\t\b\f"[named]);
    } else if (byte >= 0x80) {
      const auto next = static_cast<unsigned>(static_cast<unsigned char>(line[++i]));
      text.push_back(static_cast<char>((byte & 0x03U) << 6U | (next & 0x3fU)));
    } else {
      text.push_back(line[i]);
    }
  }
  return text;
}

// "2xx c", "400c|431c", "405|501 c", "408c after body timeout", "silent close on idle timeout": up to the note.
Verdict parse_verdict(std::string_view text) {
  Verdict verdict;
  if (text.starts_with("silent close")) return {.statuses = {}, .closes = true};
  if (text.starts_with("h2 or ")) text.remove_prefix(6);
  std::size_t i = 0;
  while (i + 3 <= text.size() && text[i] >= '2' && text[i] <= '5') {
    verdict.statuses.insert(text.substr(i, 3) == "2xx" ? 200 : str::parse_int<int>(text.substr(i, 3)).value_or(0));
    i += 3;
    if (i < text.size() && text[i] == 'c') {
      verdict.closes = true;
      ++i;
    }
    if (i < text.size() && text[i] == '|') ++i;
  }
  // Whoever sends what is not HTTP is not trusted to know where the next request starts.
  if (text.substr(i) == " c" || verdict.statuses.contains(400)) verdict.closes = true;
  return verdict;
}

std::vector<Case> load_cases() {
  std::map<std::string, std::string> policy;
  std::ifstream verdicts(data_path("http11probe_policy.tsv"));
  std::string line;
  std::getline(verdicts, line);
  while (std::getline(verdicts, line)) policy[line.substr(0, line.find('\t'))] = line.substr(line.rfind('\t') + 1);
  std::vector<Case> cases;
  std::ifstream requests(data_path("http11probe_143.jsonl"));
  while (std::getline(requests, line)) {
    const std::string id = json_member(line, "id");
    cases.push_back({.id = id, .request = json_member(line, "rawRequest"), .verdict = parse_verdict(policy.at(id))});
  }
  return cases;
}

bool needs_a_timeout(const Case& one) {
  return one.verdict.statuses.empty() || one.verdict.statuses.contains(408);
}
bool is_forwarded(const Case& one) {
  return one.verdict.statuses.contains(200) && one.id != "COMP-OPTIONS-STAR";
}

class Corpus : public ::testing::Test {
 protected:
  static GatewayOptions options(Millis timeout, std::uint16_t port) {
    GatewayOptions options{.config = {}, .upstream = port};
    options.config.max_body_bytes = kMaxBody;
    options.config.timeouts.header = options.config.timeouts.body_idle = options.config.timeouts.keep_alive = timeout;
    return options;
  }

  // Sends what it can: a refusal may have closed the connection before the last byte.
  static void send_in_pieces(HttpClient& client, std::string_view bytes, std::size_t piece) {
    try {
      for (std::size_t i = 0; i < bytes.size(); i += piece) client.send(bytes.substr(i, piece));
    } catch (const std::runtime_error&) {
    }
  }

  void expect_verdict(const Case& one, HttpClient& client, const std::string& how) {
    const std::string what = str::cat(one.id, " ", how);
    if (!one.verdict.statuses.empty()) {
      const HttpReply reply = client.read_reply(one.request.starts_with("HEAD"));
      EXPECT_TRUE(one.verdict.statuses.contains(reply.status == 204 ? 200 : reply.status))
          << what << ": " << reply.status << " " << reply.body;
      EXPECT_EQ(reply.header("Connection") == "close", one.verdict.closes) << what;
    }
    if (one.verdict.closes) {
      const Ending ending = read_to_end(client);
      EXPECT_EQ(ending.bytes, "") << what;
      EXPECT_FALSE(ending.reset) << what;
    } else {
      EXPECT_EQ(client.get("/after").status, 200) << what;  // in step: the next request is answered, once
      ++forwarded_;
    }
    if (is_forwarded(one)) ++forwarded_;
    EXPECT_EQ(upstream_.requests().size(), forwarded_) << what;
  }

  static constexpr std::uint64_t kMaxBody = 1 << 20;
  RecordingUpstream upstream_{[](RecordingUpstream::Peer& peer) {
    while (const auto request = peer.read_request()) {
      if (!peer.send(request->method == "HEAD" ? "HTTP/1.1 200 OK\r\n\r\n" : ok_answer("ok"))) return;
    }
  }};
  std::size_t forwarded_ = 0;
  std::vector<Case> cases_ = load_cases();
  GatewayHarness patient_{options(Millis(10'000), upstream_.port())};
  GatewayHarness impatient_{options(Millis(150), upstream_.port())};

  GatewayHarness& gateway_for(const Case& one) { return needs_a_timeout(one) ? impatient_ : patient_; }
};

TEST_F(Corpus, EveryRequestHasAVerdict) {
  EXPECT_EQ(cases_.size(), 143U);
  for (const Case& one : cases_) {
    EXPECT_FALSE(one.request.empty() && one.id != "MAL-EMPTY-REQUEST") << one.id;
    EXPECT_TRUE(!one.verdict.statuses.empty() || one.id == "MAL-EMPTY-REQUEST") << one.id;
  }
}

TEST_F(Corpus, GetsItsVerdictsWhole) {
  for (const Case& one : cases_) {
    HttpClient client = gateway_for(one).client();
    send_in_pieces(client, one.request, std::max<std::size_t>(1, one.request.size()));
    expect_verdict(one, client, "whole");
  }
}

TEST_F(Corpus, GetsItsVerdictsByteByByte) {
  for (const Case& one : cases_) {
    if (needs_a_timeout(one) && one.request.size() > 2'000) ADD_FAILURE() << one.id << " would be late by itself";
    HttpClient client = gateway_for(one).client();
    send_in_pieces(client, one.request, one.request.size() > 2'000 ? one.request.size() / 200 : 1);
    expect_verdict(one, client, "byte by byte");
  }
}

TEST_F(Corpus, GetsItsVerdictsCutInTwoAnywhere) {
  // What lies before the cut has been received when the rest is sent: an earlier request's answer proves it.
  for (const Case& one : cases_) {
    if (needs_a_timeout(one)) continue;  // their verdict is that nothing more comes; see the other tests
    const std::size_t step = std::max<std::size_t>(1, one.request.size() / 16);
    for (std::size_t cut = 1; cut < one.request.size(); cut += step) {
      HttpClient client = gateway_for(one).client();
      send_in_pieces(client, str::cat("GET /first HTTP/1.1\r\nHost: a\r\n\r\n", one.request.substr(0, cut)), 1 << 20);
      EXPECT_EQ(client.read_reply().status, 200);
      ++forwarded_;
      send_in_pieces(client, std::string_view(one.request).substr(cut), 1 << 20);
      expect_verdict(one, client, str::cat("cut at ", cut));
    }
  }
}

TEST_F(Corpus, GetsItsVerdictsBehindAGoodRequest) {
  for (const Case& one : cases_) {
    HttpClient client = gateway_for(one).client();
    send_in_pieces(client, str::cat("POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", one.request),
                   1 << 20);
    EXPECT_EQ(client.read_reply().status, 200) << one.id;
    ++forwarded_;
    expect_verdict(one, client, "pipelined");
  }
}

}  // namespace
}  // namespace tollgate::testing
