// What parsing costs per request: the figure that the request path's budget counts with.
#include <benchmark/benchmark.h>

#include <string>

#include "codec/http1/body.h"
#include "codec/http1/request_parser.h"
#include "codec/http1/response_parser.h"
#include "codec/http1/target.h"

namespace tollgate::codec {
namespace {

constexpr std::string_view kTenFields =
    "GET /api/orders/1234?expand=items HTTP/1.1\r\n"
    "Host: api.example.com\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: application/json, text/plain, */*\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "X-API-Key: tg_live_4f9b1c2d3e4f5a6b7c8d9e0f1a2b3c4d\r\n"
    "Referer: https://app.example.com/orders\r\n"
    "Connection: keep-alive\r\n"
    "Cookie: session=9f8e7d6c5b4a39281706; theme=dark\r\n"
    "X-Request-Id: 0c1d2e3f-4a5b-6c7d-8e9f-a0b1c2d3e4f5\r\n"
    "\r\n";

constexpr std::string_view kThreeFields =
    "GET /api/data HTTP/1.1\r\nHost: 127.0.0.1:3000\r\nX-API-Key: tg_live_4f9b1c2d3e4f5a6b7c8d9e0f1a2b3c4d\r\n"
    "Accept: */*\r\n\r\n";

constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 512\r\n"
    "Date: Tue, 01 Jul 2025 12:00:00 GMT\r\nServer: example\r\nETag: \"0123456789abcdef\"\r\n"
    "Cache-Control: private, max-age=0\r\n\r\n";

void parse_requests(benchmark::State& state, std::string_view bytes) {
  RequestParser parser;
  for (auto _ : state) {
    parser.reset();
    benchmark::DoNotOptimize(parser.parse(bytes));
    benchmark::DoNotOptimize(parser.head());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes.size()) * state.iterations());
}
BENCHMARK_CAPTURE(parse_requests, ten_fields, kTenFields);
BENCHMARK_CAPTURE(parse_requests, three_fields, kThreeFields);

void parse_response(benchmark::State& state) {
  ResponseParser parser;
  for (auto _ : state) {
    parser.reset(Method::get);
    benchmark::DoNotOptimize(parser.parse(kResponse));
    benchmark::DoNotOptimize(parser.head());
  }
}
BENCHMARK(parse_response);

void decode_chunks_of_4k(benchmark::State& state) {
  std::string message;
  for (int i = 0; i < 16; ++i) message += "1000\r\n" + std::string(4096, 'x') + "\r\n";
  message += kLastChunk;
  for (auto _ : state) {
    BodyDecoder decoder(Framing::chunked, 0);
    std::string_view rest = message;
    while (!decoder.done()) {
      const BodyDecoder::Step step = decoder.step(rest);
      benchmark::DoNotOptimize(step.data.data());
      rest.remove_prefix(step.consumed);
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(message.size()) * state.iterations());
}
BENCHMARK(decode_chunks_of_4k);

void normalize(benchmark::State& state) {
  std::string out;
  for (auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(normalize_path("/api/./orders/%7Euser/../items//42", out));
  }
}
BENCHMARK(normalize);

}  // namespace
}  // namespace tollgate::codec
