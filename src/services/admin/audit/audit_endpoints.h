// /api/admin/audit: who changed what, newest first; all of it as lines of JSON; and whether it is whole.
// Thread safety: any loop.
#pragma once

#include "http/router.h"
#include "ports/audit_log.h"
#include "runtime/blocking_pool.h"
#include "services/admin/admin_api.h"

namespace tollgate::services {

class AuditEndpoints {
 public:
  AuditEndpoints(ports::AuditLog& log, runtime::BlockingPool& pool) : log_(log), pool_(pool) {}

  void add_to(http::Router& router, AdminApi& api);

 private:
  Result<http::Response> list(http::Request& request);
  Result<http::Response> verify();
  Task<void> export_lines(http::Request& request);

  ports::AuditLog& log_;
  runtime::BlockingPool& pool_;
};

}  // namespace tollgate::services
