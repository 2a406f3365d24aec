// Help that begins with examples.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <utility>

namespace tollgate::cli {

class HelpFormatter : public CLI::Formatter {
 public:
  explicit HelpFormatter(std::string examples) : examples_(std::move(examples)) {}

  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override {
    const bool is_program = app->get_parent() == nullptr;
    return (is_program ? examples_ + "\n" : std::string()) + CLI::Formatter::make_help(app, std::move(name), mode);
  }

 private:
  std::string examples_;
};

}  // namespace tollgate::cli
