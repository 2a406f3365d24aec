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
    // Subcommands inherit their parent's formatter, and have no examples unless they have one of their own.
    const bool inherited = app->get_parent() != nullptr && app->get_parent()->get_formatter().get() == this;
    return (!inherited ? examples_ + "\n" : std::string()) + CLI::Formatter::make_help(app, std::move(name), mode);
  }

 private:
  std::string examples_;
};

}  // namespace tollgate::cli
