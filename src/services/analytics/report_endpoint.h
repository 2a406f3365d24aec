// The usage report over HTTP: what each key, consumer or tier has used, for bills. Pages of JSON, or all of it as CSV.
#pragma once

#include <optional>
#include <string>

#include "http/router.h"
#include "ports/usage_store.h"
#include "runtime/blocking_pool.h"
#include "services/analytics/report_reader.h"

namespace tollgate::services {

// Thread safety: on any loop; the store is asked on the pool.
class ReportEndpoint {
 public:
  struct Dependencies {
    ports::UsageQueries& usage;
    runtime::BlockingPool& pool;
    http::Guard guard;
  };

  explicit ReportEndpoint(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}
  void add_to(http::Router& router);

 private:
  struct Wanted {
    ports::ReportQuery query;
    bool csv = false;
    std::size_t limit = 100;
    std::optional<std::string> cursor;
  };
  static Result<Wanted> read(const http::Request& request);
  Task<void> answer(http::Request& request);
  Result<http::Response> page(const Wanted& wanted);
  Task<void> stream(http::Request& request, const Wanted& wanted);

  Dependencies dependencies_;
};

}  // namespace tollgate::services
