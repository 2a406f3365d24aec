// Single requests over HTTP: search, one explained, and exports of any size.
#pragma once

#include <atomic>
#include <vector>

#include "http/router.h"
#include "ports/names.h"
#include "ports/request_log.h"
#include "runtime/blocking_pool.h"

namespace tollgate::services {

// Thread safety: endpoints on any loop; the log is read on the pool.
class RequestEndpoints {
 public:
  struct Dependencies {
    ports::RequestLog& log;
    const ports::NameDirectory& names;
    runtime::BlockingPool& pool;
    http::Guard guard;
  };
  static constexpr int kExportsMax = 4;  // at once

  explicit RequestEndpoints(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}
  void add_to(http::Router& router);

 private:
  enum class Format : std::uint8_t { csv, ndjson };

  Task<http::Response> search(http::Request& request);
  Task<http::Response> decision(http::Request& request);
  Task<void> export_records(http::Request& request, Format format);
  Task<void> stream_records(http::Request& request, const core::RecordFilter& filter, Format format);
  Result<http::Response> find_page(const http::Request& request);
  Result<http::Response> find_decision(const http::Request& request);
  std::string as_text(const std::vector<core::LoggedRecord>& records, Format format) const;

  Dependencies dependencies_;
  std::atomic<int> exports_{0};
};

}  // namespace tollgate::services
