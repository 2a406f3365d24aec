#include "cli/banner.h"

#include <cstdio>

#include "cli/version.h"
#include "telemetry/log.h"

namespace tollgate::cli {
namespace {

const char* purpose_of(const std::string& service) {
  if (service == "gateway") return "your clients call this";
  if (service == "backend") return "a sample API, behind the gateway";
  if (service == "limiter") return "answers other systems' checks";
  if (service == "analytics") return "usage, from the decision log";
  return "keys, tiers, users";
}

std::string url_of(const Node& node, std::string_view name) {
  for (const auto& address : node.addresses()) {
    if (address.name == name) return address.url;
  }
  return {};
}

void print_admin(const Node& node) {
  const auto& user = node.admin_user();
  if (!user) return;
  if (user->warning) telemetry::log(telemetry::Level::warn, "admin", *user->warning);
  std::printf("\n  admin user      %s\n", node.config().admin.username.c_str());
  if (user->generated_password) {
    std::printf("  admin password  %s   (shown this once; also in %s)\n", user->generated_password->c_str(),
                user->password_file.c_str());
  }
}

void print_next_step(const Node& node) {
  const std::string admin = url_of(node, "admin");
  const std::string gateway = url_of(node, "gateway");
  if (admin.empty() || gateway.empty()) return;
  const bool in_file = node.admin_user() && !node.config().admin.password;
  std::printf("\nNext: log in, make a key, send a request with it\n");
  if (in_file) {
    std::printf("  PASSWORD=$(cat %s/admin-password)\n", node.config().data_dir.c_str());
  } else {
    std::printf("  PASSWORD=…\n");
  }
  std::printf(
      "  TOKEN=$(curl -s %s/api/admin/login -H 'Content-Type: application/json' \\\n"
      "    -d '{\"username\":\"%s\",\"password\":\"'\"$PASSWORD\"'\"}' | sed 's/.*\"token\":\"\\([^\"]*\\)\".*/\\1/')\n"
      "  curl -s %s/api/admin/keys -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\\n"
      "    -d '{\"name\":\"first\",\"tier\":\"free\"}'\n"
      "  curl -i %s/api/process/calculate -H 'X-API-Key: …' -H 'Content-Type: application/json' -d '{\"value\":42}'\n",
      admin.c_str(), node.config().admin.username.c_str(), admin.c_str(), gateway.c_str());
}

}  // namespace

void print_banner(const Node& node) {
  std::printf("Tollgate %.*s is serving. State is in %s.\n\n", static_cast<int>(kVersion.size()), kVersion.data(),
              node.config().data_dir.c_str());
  for (const auto& address : node.addresses()) {
    std::printf("  %-10s %-24s %s\n", address.name.c_str(), address.url.c_str(), purpose_of(address.name));
  }
  print_admin(node);
  print_next_step(node);
  std::printf("\nCtrl-C stops it; requests that run are finished first.\n");
  std::fflush(stdout);
}

}  // namespace tollgate::cli
