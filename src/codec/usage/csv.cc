#include "codec/usage/csv.h"

#include <array>
#include <charconv>

namespace tollgate::codec {

void CsvWriter::separate() {
  if (begun_) out_ += ',';
  begun_ = true;
}

CsvWriter& CsvWriter::field(std::string_view text) {
  separate();
  const bool is_formula = !text.empty() && std::string_view("=+-@\t\r").contains(text.front());
  if (!is_formula && text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out_ += text;
    return *this;
  }
  out_ += '"';
  if (is_formula) out_ += '\'';
  for (const char c : text) {
    if (c == '"') out_ += '"';
    out_ += c;
  }
  out_ += '"';
  return *this;
}

CsvWriter& CsvWriter::field(double number) {
  separate();
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  if (error == std::errc{}) out_.append(digits.data(), end);
  return *this;
}

CsvWriter& CsvWriter::field(WallTime time) {
  separate();
  out_ += format_rfc3339(time);
  return *this;
}

CsvWriter& CsvWriter::empty_field() {
  separate();
  return *this;
}

void CsvWriter::end_row() {
  out_ += "\r\n";
  begun_ = false;
}

}  // namespace tollgate::codec
