// GET / and what the dashboard is made of, where it was built in; else a page that says how to build it.
//
// The dashboard finds its own way by the path in the address bar, so every page's path is answered with the one
// document. A script that asks for a path that is not there is told so.
//
// Thread safety: add_to() before serving; then any loop.
#pragma once

#include <span>

#include "http/router.h"
#include "http/static_file.h"

namespace tollgate::services {

class DashboardPages {
 public:
  // `files` outlive this; without an /index.html among them there is no dashboard.
  explicit DashboardPages(std::span<const http::StaticFile> files);

  void add_to(http::Router& router) const;

 private:
  http::Response index(const http::Request& request) const;
  http::Response other(const http::Request& request) const;
  const http::StaticFile* find(std::string_view path) const;

  std::span<const http::StaticFile> files_;
  const http::StaticFile* index_;  // null: not built in
};

}  // namespace tollgate::services
