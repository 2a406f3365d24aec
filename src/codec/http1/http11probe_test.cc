// Replays the public Http11Probe requests against the project's verdicts (tests/data/http11probe/), each whole, cut at
// every byte and one byte at a time.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <utility>

#include "codec/http1/test_drive.h"

namespace tollgate::codec {
namespace {

// Verdicts that need a clock, a route or a second protocol: what the codec contributes to each.
const std::map<std::string, std::string, std::less<>> kDecidedElsewhere = {
    {"COMP-METHOD-CASE", "accepted"},            // 405 by the route table
    {"COMP-METHOD-CONNECT", "accepted"},         // 405 by the server
    {"COMP-METHOD-TRACE", "accepted"},           // 405 by the server
    {"COMP-TRACE-WITH-BODY", "accepted"},        // 405 by the server
    {"COMP-POST-CL-UNDERSEND", "incomplete"},    // 408 by the body timeout
    {"COMP-CHUNKED-NO-FINAL", "incomplete"},     // 408 by the body timeout
    {"MAL-INCOMPLETE-REQUEST", "incomplete"},    // 408 by the head timeout
    {"MAL-EMPTY-REQUEST", "incomplete"},         // closed silently when idle for too long
    {"MAL-POST-CL-HUGE-NO-BODY", "incomplete"},  // 413 by the route's limit
    {"MAL-H2-PREFACE", "bad_target"},            // 400 where HTTP/2 is not offered
};

std::string data_path(std::string_view file) {
  const char* const root = std::getenv("TG_SOURCE_DIR");
  return str::cat(root != nullptr ? root : ".", "/tests/data/http11probe/", file);
}

// The string member `name` of a one-line JSON object. Escapes and UTF-8 up to U+00FF stand for one byte each.
std::string json_member(std::string_view line, std::string_view name) {
  std::size_t i = line.find(str::cat("\"", name, "\": \""));
  EXPECT_NE(i, std::string_view::npos);
  i += name.size() + 5;
  std::string text;
  for (; line[i] != '"'; ++i) {
    if (line[i] == '\\') {
      ++i;
      const auto named = std::string_view("rntbf").find(line[i]);
      if (line[i] == 'u') {
        unsigned code = 0;
        std::from_chars(line.data() + i + 1, line.data() + i + 5, code, 16);
        EXPECT_LT(code, 256U);
        text.push_back(static_cast<char>(code));
        i += 4;
      } else {
        text.push_back(named == std::string_view::npos ? line[i] : "\r\n\t\b\f"[named]);
      }
    } else if (static_cast<unsigned char>(line[i]) >= 0x80) {
      const auto lead = static_cast<unsigned>(static_cast<unsigned char>(line[i]));
      const auto next = static_cast<unsigned>(static_cast<unsigned char>(line[++i]));
      text.push_back(static_cast<char>((lead & 0x03U) << 6U | (next & 0x3fU)));
    } else {
      text.push_back(line[i]);
    }
  }
  return text;
}

std::map<std::string, std::string> load_requests() {
  std::map<std::string, std::string> requests;
  std::ifstream in(data_path("http11probe_143.jsonl"));
  for (std::string line; std::getline(in, line);) requests[json_member(line, "id")] = json_member(line, "rawRequest");
  return requests;
}

// id → the column "ours".
std::map<std::string, std::string> load_policy() {
  std::map<std::string, std::string> policy;
  std::ifstream in(data_path("http11probe_policy.tsv"));
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) policy[line.substr(0, line.find('\t'))] = line.substr(line.rfind('\t') + 1);
  return policy;
}

// "400c|431c" names two statuses; what follows a space or comma is a note.
bool allows(std::string_view ours, const std::string& outcome) {
  const std::string_view statuses = ours.substr(0, ours.find_first_of(" ,"));
  if (outcome == "accepted") return statuses == "2xx";
  for (const ErrorCode* code : codes::kAll) {
    if (code->name == outcome) return statuses.find(str::cat(code->status)) != std::string_view::npos;
  }
  return false;
}

TEST(Http11Probe, HasAVerdictForEachRequestAndNoOther) {
  const auto requests = load_requests();
  const auto policy = load_policy();
  EXPECT_EQ(requests.size(), 143U);
  for (const auto& [id, bytes] : requests) EXPECT_TRUE(policy.contains(id)) << id;
  for (const auto& [id, ours] : policy) EXPECT_TRUE(requests.contains(id)) << id;
  for (const auto& [id, outcome] : kDecidedElsewhere) EXPECT_TRUE(requests.contains(id)) << id;
}

TEST(Http11Probe, GetsTheVerdictsOfThePolicy) {
  const auto policy = load_policy();
  for (const auto& [id, bytes] : load_requests()) {
    const Verdict verdict = drive_request(bytes);
    const auto elsewhere = kDecidedElsewhere.find(id);
    if (elsewhere != kDecidedElsewhere.end()) {
      EXPECT_EQ(verdict.outcome, elsewhere->second) << id;
    } else {
      EXPECT_TRUE(allows(policy.at(id), verdict.outcome)) << id << ": " << verdict.outcome << " " << verdict.detail;
    }
  }
}

// One byte at a time and without copies, as the longest requests are 100 KB: the outcome and after how many bytes.
std::pair<std::string, std::size_t> drip_without_copies(std::string_view bytes) {
  RequestParser parser;
  std::size_t end = 0;
  while (parser.parse(bytes.substr(0, end)) == ParseStatus::need_more) {
    if (++end > bytes.size()) return {"incomplete", bytes.size()};
  }
  if (parser.parse(bytes) == ParseStatus::error) return {std::string(parser.error_code().name), end};
  BodyDecoder body(parser.head().framing, parser.head().content_length);
  Verdict verdict;
  while (verdict.outcome == "incomplete" && !body.done()) {
    if (end == bytes.size()) return {"incomplete", end};
    drive_body(body, bytes.substr(end++, 1), verdict);
  }
  return {verdict.outcome == "bad_body" ? "bad_body" : "accepted", end};
}

TEST(Http11Probe, GetsTheSameVerdictOneByteAtATimeAndCutAnywhere) {
  for (const auto& [id, bytes] : load_requests()) {
    const Verdict whole = drive_request(bytes);
    const auto [outcome, decided] = drip_without_copies(bytes);
    EXPECT_EQ(outcome, whole.outcome) << id;
    // A cut behind the byte that decided cannot matter: the first piece alone has the verdict.
    const std::string_view text = std::string_view(bytes).substr(0, decided);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      ASSERT_EQ(drive_request(text, {{cut}}), whole) << id << " cut at " << cut;
    }
  }
}

}  // namespace
}  // namespace tollgate::codec
