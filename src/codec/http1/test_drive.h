// For tests and fuzz targets only: drives the parsers over bytes cut at chosen places and writes down everything they
// said, so that two runs can be compared. Each piece lies in memory of exactly its size, where the address sanitizer
// sees any look beyond it, and the buffer moves between calls as a connection's may.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/str.h"
#include "codec/http1/body.h"
#include "codec/http1/request_parser.h"
#include "codec/http1/response_parser.h"

namespace tollgate::codec {

struct Verdict {
  std::string outcome = "incomplete";  // or "accepted", or a refusal's code
  std::string detail{};                // the refusal's sentence
  std::string head{};                  // all that the head says, "" before it is complete
  std::string body{};                  // delivered so far
  std::size_t message_bytes = 0;       // head and body, when accepted
  bool idle = false;
  bool operator==(const Verdict&) const = default;
};

inline std::string describe(std::string_view buffer, const auto& head) {
  std::string text =
      str::cat("size ", head.size, " minor ", unsigned{head.minor}, " framing ", static_cast<unsigned>(head.framing),
               " length ", head.content_length, " has ", int{head.has_content_length}, " keep ", int{head.keep_alive});
  TG_ASSERT(head.size <= buffer.size());
  std::uint32_t line_end = 0;
  for (const HeaderField& field : head.fields) {
    // Fields stand in the head one behind the other and without gaps: no byte is dropped, none is counted twice.
    TG_ASSERT(line_end == 0 || field.line_offset == line_end);
    line_end = field.line_offset + field.line_length;
    TG_ASSERT(line_end + 2 <= head.size && field.line(buffer).ends_with("\r\n"));
    TG_ASSERT(field.name_length > 0 && buffer[field.line_offset + field.name_length] == ':');
    TG_ASSERT(field.value_offset > field.line_offset + field.name_length);
    TG_ASSERT(field.value_offset + field.value_length + 2U <= line_end);
    str::append(text, "\n", field.name(buffer), "|", field.value(buffer), "|", static_cast<unsigned>(field.id),
                field.drop ? "|drop" : "");
  }
  TG_ASSERT(line_end == 0 || line_end + 2 == head.size);
  return text;
}

inline std::string describe_request(std::string_view buffer, const RequestHead& head) {
  std::string text = describe(buffer, head);
  str::append(text, "\n", head.method_text.in(buffer), " ", head.path.in(buffer), " ", head.query.in(buffer), " ",
              head.authority.in(buffer), " ", static_cast<unsigned>(head.method));
  for (const bool fact : {head.has_query, head.absolute_form, head.asterisk_form, head.authority_form,
                          head.path_is_plain, head.expect_continue, head.connection_upgrade}) {
    text.push_back(fact ? '1' : '0');
  }
  str::append(text, unsigned{head.underscored_dropped});
  return text;
}

// Feeds `piece` to the decoder and notes what comes. Returns how much of the piece belongs to the body.
inline std::size_t drive_body(BodyDecoder& decoder, std::string_view piece, Verdict& verdict) {
  const std::string exact(piece);
  std::size_t used = 0;
  while (true) {
    const std::string_view rest = std::string_view(exact).substr(used);
    const BodyDecoder::Step step = decoder.step(rest);
    TG_ASSERT(step.consumed <= rest.size());
    used += step.consumed;
    if (step.event == BodyDecoder::Event::data) {
      TG_ASSERT(!step.data.empty() && step.data.data() >= rest.data());
      TG_ASSERT(step.data.data() + step.data.size() == rest.data() + step.consumed);
      verdict.body.append(step.data);
      TG_ASSERT(decoder.delivered() == verdict.body.size());
      continue;
    }
    if (step.event == BodyDecoder::Event::need_more) TG_ASSERT(used == exact.size());
    if (step.event == BodyDecoder::Event::done) verdict.outcome = "accepted";
    if (step.event == BodyDecoder::Event::error) {
      verdict.outcome = "bad_body";
      verdict.detail = decoder.error_detail();
    }
    return used;
  }
}

// Bytes [begin, end) of `bytes`, at an address of their own.
inline std::vector<char> copy_of(std::string_view bytes, std::size_t end) {
  return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(end)};
}

// `parse` takes the bytes so far and returns the status; `accept` gives the decoder once the head is complete.
inline Verdict drive(std::string_view bytes, std::span<const std::size_t> cuts, auto&& parse, auto&& accept) {
  Verdict verdict;
  std::vector<std::size_t> ends(cuts.begin(), cuts.end());
  ends.push_back(bytes.size());
  BodyDecoder decoder;
  bool in_body = false;
  std::size_t judged = 0;
  for (const std::size_t end : ends) {
    if (!in_body) {
      const std::vector<char> exact = copy_of(bytes, end);
      const std::string_view buffer(exact.data(), exact.size());
      const ParseStatus status = parse(buffer, verdict);
      if (status == ParseStatus::error) return verdict;
      if (status == ParseStatus::need_more) continue;
      in_body = true;
      decoder = accept(buffer, verdict, judged);
    }
    judged += drive_body(decoder, bytes.substr(judged, end - judged), verdict);
    if (verdict.outcome != "incomplete") break;
  }
  if (verdict.outcome == "accepted") verdict.message_bytes = judged;
  return verdict;
}

// `cuts` are offsets into `bytes`, ascending: where one packet ends and the next begins.
inline Verdict drive_request(std::string_view bytes, std::span<const std::size_t> cuts = {},
                             const RequestLimits& limits = {}) {
  RequestParser parser(limits);
  const auto parse = [&parser](std::string_view buffer, Verdict& verdict) {
    const ParseStatus status = parser.parse(buffer);
    verdict.idle = parser.idle();
    if (status == ParseStatus::error) {
      verdict.outcome = parser.error_code().name;
      verdict.detail = parser.error_detail();
    }
    return status;
  };
  const auto accept = [&parser](std::string_view buffer, Verdict& verdict, std::size_t& judged) {
    verdict.head = describe_request(buffer, parser.head());
    judged = parser.head().size;
    return BodyDecoder(parser.head().framing, parser.head().content_length);
  };
  return drive(bytes, cuts, parse, accept);
}

inline Verdict drive_response(std::string_view bytes, std::span<const std::size_t> cuts = {},
                              Method request_method = Method::get) {
  ResponseParser parser;
  parser.reset(request_method);
  const auto parse = [&parser](std::string_view buffer, Verdict& verdict) {
    const ParseStatus status = parser.parse(buffer);
    if (status == ParseStatus::error) {
      verdict.outcome = "upstream_invalid_response";
      verdict.detail = parser.error_detail();
    }
    return status;
  };
  const auto accept = [&parser](std::string_view buffer, Verdict& verdict, std::size_t& judged) {
    verdict.head = describe(buffer, parser.head());
    str::append(verdict.head, "\n", parser.head().status, " ", parser.head().reason.in(buffer));
    judged = parser.head().size;
    return BodyDecoder(parser.head().framing, parser.head().content_length);
  };
  return drive(bytes, cuts, parse, accept);
}

// Every offset: one byte at a time.
inline std::vector<std::size_t> drip(std::string_view bytes) {
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < bytes.size(); ++i) cuts.push_back(i);
  return cuts;
}

}  // namespace tollgate::codec
