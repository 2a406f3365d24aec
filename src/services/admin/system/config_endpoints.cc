#include "services/admin/system/config_endpoints.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/str.h"
#include "codec/json/writer.h"
#include "config/yaml.h"
#include "services/admin/audit/audit_note.h"
#include "services/admin/system/yaml_body.h"

namespace tollgate::services {
namespace {

// Everything else is built into what runs.
bool needs_restart(const config::SettingChange& change) {
  return change.path != "logLevel";
}

std::string document(std::span<const config::SettingChange> changes) {
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object().key("changes").begin_array();
  for (const config::SettingChange& change : changes) {
    json.begin_object().member("path", change.path).member("from", change.from).member("to", change.to).end_object();
  }
  json.end_array().key("needsRestart").begin_array();
  for (const config::SettingChange& change : changes) {
    if (needs_restart(change)) json.value(change.path);
  }
  json.end_array().end_object();
  return body;
}

}  // namespace

void ConfigEndpoints::add_to(AdminApi& api) {
  constexpr std::size_t kFile = config::kMaxFileBytes;
  api.add("GET /api/admin/config/export", AdminRole::viewer, [this](http::Request&) { return show(); });
  api.add(
      "POST /api/admin/config/validate", AdminRole::viewer,
      [this](http::Request& request) { return validate(request); }, kFile);
  api.add(
      "POST /api/admin/config/diff", AdminRole::viewer, [this](http::Request& request) { return diff(request); },
      kFile);
  api.add(
      "POST /api/admin/config/apply", AdminRole::admin, [this](http::Request& request) { return apply(request); },
      kFile);
}

Result<http::Response> ConfigEndpoints::show() const {
  const std::scoped_lock lock(mutex_);
  http::Response response;
  response.header("Content-Type", "application/yaml");
  response.header("Content-Disposition", "attachment; filename=\"tollgate.yaml\"");
  response.body = config::to_yaml(in_force_);
  return response;
}

Result<http::Response> ConfigEndpoints::validate(const http::Request& request) const {
  TG_TRY(const std::string_view text, yaml_body(request));
  const auto problems = config::problems_of({.name = "tollgate.yaml", .text = text}, deps_.input);
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object().member("valid", problems.empty()).key("errors").begin_array();
  for (const config::Problem& problem : problems) {
    const bool is_in_file = problem.mark != config::Mark{};
    json.begin_object().key("line");
    is_in_file ? json.value(problem.mark.line) : json.value(nullptr);
    json.key("column");
    is_in_file ? json.value(problem.mark.column) : json.value(nullptr);
    json.member("path", problem.key).member("detail", problem.what).end_object();
  }
  json.end_array().end_object();
  return http::json(std::move(body));
}

Result<std::vector<config::SettingChange>> ConfigEndpoints::changes(const http::Request& request) const {
  TG_TRY(const std::string_view text, yaml_body(request));
  const auto loaded = config::load_text({.name = "tollgate.yaml", .text = text}, deps_.input);
  if (!loaded) return fail(codes::invalid_document, loaded.error().detail());
  const std::scoped_lock lock(mutex_);
  return config::changes_between(in_force_, config::settings_of(loaded->config));
}

Result<http::Response> ConfigEndpoints::diff(const http::Request& request) const {
  TG_TRY(const auto found, changes(request));
  return http::json(document(found));
}

// All of it or nothing.
Result<http::Response> ConfigEndpoints::apply(http::Request& request) {
  TG_TRY(const auto found, changes(request));
  std::vector<FieldError> waiting;
  for (const config::SettingChange& change : found) {
    if (needs_restart(change)) waiting.push_back({.pointer = change.path, .detail = "takes effect with a restart"});
  }
  if (!waiting.empty()) {
    std::string detail = str::cat(waiting.size(), " of ", found.size(),
                                  " changed settings take effect with a restart only; nothing was changed. Put the "
                                  "file in place and restart.");
    return std::unexpected(Error(codes::needs_restart, std::move(detail), std::move(waiting)));
  }
  if (found.empty()) return http::json(document(found));
  TG_TRY(ports::AuditDraft draft, audit_draft(request, {.action = "config.apply", .object = "config"}));
  draft.after = document(found);
  if (auto noted = deps_.audit.append(draft); !noted) return std::unexpected(std::move(noted).error());
  for (const config::SettingChange& change : found) {
    const std::string level = change.to.value_or("info");
    deps_.set_log_level(level);
    const std::scoped_lock lock(mutex_);
    std::ranges::find(in_force_, change.path, &config::SettingText::path)->text = level;
  }
  return http::json(document(found));
}

}  // namespace tollgate::services
