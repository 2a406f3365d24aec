#include "config/problems.h"

#include <algorithm>

#include "base/str.h"

namespace tollgate::config {

std::string printable(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(out, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return out;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kMaxShown = 60;
  return str::cat("\"", printable(text.substr(0, kMaxShown)), text.size() > kMaxShown ? "…\"" : "\"");
}

std::string suggestion(std::string_view word, const std::vector<std::string_view>& known) {
  constexpr std::size_t kMaxComparedBytes = 60;
  if (word.size() <= kMaxComparedBytes) {
    if (const auto near = str::nearest(word, known)) return str::cat("; did you mean \"", *near, "\"?");
  }
  std::string text = "; known here: ";
  for (std::size_t i = 0; i < known.size(); ++i) str::append(text, i == 0 ? "" : ", ", known[i]);
  return text;
}

void Problems::in_file(Mark mark, std::string_view key, std::string_view what) {
  in_file_.push_back({mark, in_file_.size(),
                      str::cat(file_, ":", mark.line, ":", mark.column, ": ", key, key.empty() ? "" : ": ", what)});
}

void Problems::outside(std::string_view source, std::string_view what) {
  outside_.push_back(str::cat(source, ": ", what));
}

Error Problems::to_error() const {
  constexpr std::size_t kMaxReported = 50;
  std::vector<Located> sorted = in_file_;
  std::ranges::sort(sorted, {}, [](const Located& problem) { return std::pair(problem.mark, problem.number); });
  std::vector<std::string> lines;
  for (Located& problem : sorted) lines.push_back(std::move(problem.text));
  lines.insert(lines.end(), outside_.begin(), outside_.end());
  std::string text;
  for (std::size_t i = 0; i < lines.size() && i < kMaxReported; ++i) str::append(text, i == 0 ? "" : "\n", lines[i]);
  if (lines.size() > kMaxReported) str::append(text, "\nand ", lines.size() - kMaxReported, " more problems");
  return Error(codes::config_invalid, std::move(text));
}

}  // namespace tollgate::config
