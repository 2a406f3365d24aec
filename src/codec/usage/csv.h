// Rows of comma separated values (RFC 4180), safe to open in a spreadsheet: text that would be taken for a formula
// (it begins with = + - @, a tab or a carriage return) gets an apostrophe in front.
//
// Pure. Thread safety: any.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace tollgate::codec {

// Appends to `out`, which must outlive it. One field after the other; end_row() ends the row.
class CsvWriter {
 public:
  explicit CsvWriter(std::string& out) : out_(out) {}

  CsvWriter& field(std::string_view text);
  CsvWriter& field(const char* text) { return field(std::string_view(text)); }
  template <std::integral N>
  CsvWriter& field(N number) {
    separate();
    out_ += std::to_string(number);
    return *this;
  }
  CsvWriter& field(double number);  // shortest exact form
  CsvWriter& field(WallTime time);  // RFC 3339, UTC, milliseconds
  CsvWriter& empty_field();
  void end_row();

 private:
  void separate();

  std::string& out_;
  bool begun_ = false;  // the row has a field
};

}  // namespace tollgate::codec
