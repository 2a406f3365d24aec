// A Config in the words of the file: what is in force can be shown, compared with another, and written down again.
//
// Secrets are no settings of the file and never among them. Pure. Thread safety: values.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/config.h"

namespace tollgate::config {

struct SettingText {
  std::string path;  // "gateway.routes[0].match.path"
  std::string text;  // as it stands in YAML: a word, a quoted text or a list of them in brackets
  bool operator==(const SettingText&) const = default;
};

// In the order of the reference page. What has no value is left out, and so is an upstream that is the sample backend
// on a port that is not known yet.
std::vector<SettingText> settings_of(const Config& config);

// A file that load_text() turns into the same settings.
std::string to_yaml(std::span<const SettingText> settings);

struct SettingChange {
  std::string path;
  std::optional<std::string> from;  // none: it was not set
  std::optional<std::string> to;
};
// What differs, in the order of `after`; what is gone comes last.
std::vector<SettingChange> changes_between(std::span<const SettingText> before, std::span<const SettingText> after);

}  // namespace tollgate::config
