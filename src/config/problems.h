// Everything that is wrong with a configuration, gathered so that one run reports all of it.
//
// Thread safety: none; one per load.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tollgate::config {

// Where something stands in the file, counted from 1.
struct Mark {
  int line = 0;
  int column = 0;
  auto operator<=>(const Mark&) const = default;
};

// A text from the outside made fit for one line of an error text: what is not printable ASCII is replaced.
std::string printable(std::string_view text);
// The same, shortened and in quotes.
std::string quoted(std::string_view text);
// `; did you mean "x"?`, or `; known here: x, y` when nothing is near.
std::string suggestion(std::string_view word, const std::vector<std::string_view>& known);

// One of them. `key` is "gateway.routes[0].name", a variable, a flag or a subject; a mark of zeros is outside the file.
struct Problem {
  Mark mark;
  std::string key;
  std::string what;
};

class Problems {
 public:
  explicit Problems(std::string file) : file_(std::move(file)) {}

  // "tollgate.yaml:3:7: gateway.routes[0].name: is missing"; an empty key is left out.
  void in_file(Mark mark, std::string_view key, std::string_view what);
  // "PORT: …", "--base-port: …": `source` is a variable, a flag or a subject.
  void outside(std::string_view source, std::string_view what);

  bool empty() const { return count() == 0; }
  // So many that looking for more helps nobody, and would let a hostile file take its time.
  bool enough() const { return count() >= 1'000; }
  std::size_t count() const { return in_file_.size() + outside_.size(); }
  // In the order of the file, then those outside it.
  std::vector<Problem> list() const;
  // config_invalid: one problem a line, in the order of the file; at most 50 of them.
  Error to_error() const;

 private:
  std::string file_;
  std::vector<Problem> in_file_;
  std::vector<Problem> outside_;
};

}  // namespace tollgate::config
