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
  in_file_.push_back({.mark = mark, .key = std::string(key), .what = std::string(what)});
}

void Problems::outside(std::string_view source, std::string_view what) {
  outside_.push_back({.mark = {}, .key = std::string(source), .what = std::string(what)});
}

std::vector<Problem> Problems::list() const {
  std::vector<Problem> all;
  for (const Problem& problem : in_file_) {
    all.insert(std::ranges::upper_bound(all, problem.mark, {}, &Problem::mark), problem);
  }
  all.insert(all.end(), outside_.begin(), outside_.end());
  return all;
}

Error Problems::to_error() const {
  constexpr std::size_t kMaxReported = 50;
  const std::vector<Problem> all = list();
  std::string text;
  for (std::size_t i = 0; i < all.size() && i < kMaxReported; ++i) {
    const auto& [mark, key, what] = all[i];
    if (i > 0) text.push_back('\n');
    if (mark != Mark{}) str::append(text, file_, ":", mark.line, ":", mark.column, ": ");
    str::append(text, key, key.empty() ? "" : ": ", what);
  }
  if (all.size() > kMaxReported) str::append(text, "\nand ", all.size() - kMaxReported, " more problems");
  return Error(codes::config_invalid, std::move(text));
}

}  // namespace tollgate::config
