#include "services/admin/audit/audit_endpoints.h"

#include "base/str.h"
#include "codec/audit/audit_json.h"
#include "http/stream.h"
#include "services/admin/api_input.h"
#include "telemetry/log.h"

namespace tollgate::services {
namespace {

constexpr std::size_t kExportPage = 500;

Result<std::optional<WallTime>> read_time(const http::Request& request, std::string_view name) {
  const auto text = request.query(name);
  if (!text) return std::optional<WallTime>{};
  const auto time = parse_rfc3339(*text);
  if (!time) return fail(codes::invalid_parameter, str::cat(name, " must be an RFC 3339 time."));
  return time;
}

Result<ports::AuditFilter> read_filter(const http::Request& request) {
  ports::AuditFilter filter;
  filter.actor = request.query("actor").value_or("");
  filter.action = request.query("action").value_or("");
  filter.object = request.query("object").value_or("");
  TG_TRY(filter.from, read_time(request, "from"));
  TG_TRY(filter.to, read_time(request, "to"));
  return filter;
}

std::string lines_of(const ports::AuditPage& page) {
  std::string lines;
  for (const ports::AuditEntry& entry : page.entries) {
    codec::JsonWriter json(lines);
    codec::write_audit_entry(json, entry);
    lines += '\n';
  }
  return lines;
}

}  // namespace

void AuditEndpoints::add_to(http::Router& router, AdminApi& api) {
  api.add("GET /api/admin/audit", AdminRole::viewer, [this](http::Request& request) { return list(request); });
  api.add("GET /api/admin/audit/verify", AdminRole::viewer, [this](http::Request&) { return verify(); });
  router.add_stream("GET /api/admin/audit/export.ndjson", {.guard = api.guard(AdminRole::viewer), .max_body_bytes = 0},
                    [this](http::Request& request) { return export_lines(request); });
}

Result<http::Response> AuditEndpoints::list(http::Request& request) {
  auto known = expect_parameters(request, {"actor", "action", "object", "from", "to", "cursor", "limit"});
  if (!known) return std::unexpected(std::move(known).error());
  TG_TRY(ports::AuditFilter filter, read_filter(request));
  TG_TRY(filter.limit, page_size(request));
  if (const auto cursor = request.query("cursor")) {
    const auto seq = str::parse_int<std::uint64_t>(*cursor);
    if (!seq || *seq == 0) return fail(codes::invalid_parameter, "cursor: not one that this list gave.");
    filter.after_seq = *seq;
  }
  TG_TRY(const ports::AuditPage page, log_.list(filter));
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object().key("data").begin_array();
  for (const ports::AuditEntry& entry : page.entries) codec::write_audit_entry(json, entry);
  json.end_array()
      .member("nextCursor", page.next == 0 ? std::nullopt : std::optional(str::cat(page.next)))
      .end_object();
  return http::json(std::move(body));
}

Result<http::Response> AuditEndpoints::verify() {
  TG_TRY(const ports::AuditVerdict verdict, log_.verify());
  std::string body;
  codec::JsonWriter(body)
      .begin_object()
      .member("entries", verdict.entries)
      .member("intact", !verdict.first_broken)
      .member("firstBroken", verdict.first_broken)
      .member("head", codec::audit_hash_text(verdict.head))
      .end_object();
  return http::json(std::move(body));
}

// Oldest first, so that each line can be checked as it comes. A page at a time: its length costs no memory.
Task<void> AuditEndpoints::export_lines(http::Request& request) {
  Result<ports::AuditFilter> filter = read_filter(request);
  if (auto known = expect_parameters(request, {"actor", "action", "object", "from", "to"}); !known) {
    filter = std::unexpected(std::move(known).error());
  }
  if (!filter) {
    co_await request.exchange().respond(http::problem(filter.error(), request.id()));
    co_return;
  }
  filter->oldest_first = true;
  filter->limit = kExportPage;
  http::StreamedResponse stream(request.exchange());
  bool there =
      co_await stream.begin("application/x-ndjson", "Content-Disposition: attachment; filename=\"audit.ndjson\"\r\n");
  while (there && stream.wants_text()) {
    auto reading = pool_.run(request.loop(), [&] { return log_.list(*filter); });
    const auto page = co_await reading;
    if (!page) {
      telemetry::log_error("admin", "audit_export_failed", page.error());
      stream.abort();
      co_return;
    }
    const std::string lines = lines_of(*page);
    there = co_await stream.write(lines);
    if (page->next == 0) break;
    filter->after_seq = page->next;
  }
  co_await stream.end();
}

}  // namespace tollgate::services
