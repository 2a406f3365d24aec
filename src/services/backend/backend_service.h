// The sample API that the gateway protects in demos and tests, with faults on demand.
//
//   POST /api/process/calculate {"value":42} → {"value":42,"result":84,"processedAt":…}
//   GET  /api/data                    a fixed list
//        /api/status/{code}           answers with that status (200 … 599)
//   GET  /api/slow?ms=                answers after that long (0 … 60000)
//   GET  /api/stream?events=&intervalMs=  server-sent events
//        /api/echo                    what arrived: method, path, query, headers, the body up to 64 KiB and its SHA-256
//   GET  /api/bytes?n=                n bytes (0 … 16 GiB) in flat memory
//   POST /api/upload                  reads a body of any length and counts it
//   GET  /health
//
// Thread safety: one object serves all loops.
#pragma once

#include <string>

#include "base/clock.h"
#include "http/router.h"

namespace tollgate::services {

class BackendService final : public http::Handler {
 public:
  // The clock outlives the service.
  explicit BackendService(const Clock& clock);

  Task<void> handle(http::Exchange& exchange) override;
  // For the endpoints that every service has, and for the list of paths.
  http::Router& router() { return router_; }

 private:
  Task<http::Response> calculate(http::Request& request) const;
  void add_faults();

  const Clock& clock_;
  http::Router router_;
};

}  // namespace tollgate::services
