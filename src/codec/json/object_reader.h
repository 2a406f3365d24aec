// Reads one JSON object member by member, with types and ranges, and collects every fault instead of the first.
//
//   JsonObjectReader in(document);
//   const std::string name = in.required_string("name", {.min = 1, .max = 200});
//   const auto limit = in.optional_uint("limit", {.min = 1, .max = 1000});   // std::optional
//   if (auto done = in.finish(); !done) return std::unexpected(done.error());
//
// A required member that is missing or wrong reads as a harmless default; finish() then fails, so use nothing before
// it. `null` for an optional member means absent (merge patches ask is_null() to tell the two apart). Members that
// nobody asked for are faults, with the nearest name that was asked for. Thread safety: one thread; the document
// outlives it.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "codec/json/value.h"

namespace tollgate::codec {

struct UintRange {
  std::uint64_t min = 0;
  std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
};
struct DoubleRange {
  double min = std::numeric_limits<double>::lowest();
  double max = std::numeric_limits<double>::max();
};
struct StringSize {  // bytes
  std::size_t min = 0;
  std::size_t max = 1024;
};
// One word of a closed list, e.g. {"active", KeyState::active}.
template <class E>
struct JsonWord {
  std::string_view word;
  E value;
};

class JsonObjectReader {
 public:
  explicit JsonObjectReader(const JsonValue& value);
  ~JsonObjectReader() = default;
  JsonObjectReader(const JsonObjectReader&) = delete;
  JsonObjectReader& operator=(const JsonObjectReader&) = delete;

  std::string required_string(std::string_view name, StringSize size);
  std::optional<std::string> optional_string(std::string_view name, StringSize size);
  // Whole numbers written without fraction or exponent.
  std::uint64_t required_uint(std::string_view name, UintRange range);
  std::optional<std::uint64_t> optional_uint(std::string_view name, UintRange range);
  double required_double(std::string_view name, DoubleRange range);
  std::optional<double> optional_double(std::string_view name, DoubleRange range);
  bool required_bool(std::string_view name);
  std::optional<bool> optional_bool(std::string_view name);
  // RFC 3339.
  WallTime required_time(std::string_view name);
  std::optional<WallTime> optional_time(std::string_view name);

  template <class E>
  std::optional<E> optional_word(std::string_view name, std::span<const JsonWord<E>> words) {
    const JsonValue* value = find(name);
    if (value == nullptr) return std::nullopt;
    const auto* text = value->get_if<std::string>();
    std::vector<std::string_view> known;
    for (const JsonWord<E>& word : words) {
      if (text != nullptr && *text == word.word) return word.value;
      known.push_back(word.word);
    }
    fail_word(name, known);
    return std::nullopt;
  }
  template <class E>
  E required_word(std::string_view name, std::span<const JsonWord<E>> words) {
    const auto found = require(name) ? optional_word(name, words) : std::nullopt;
    return found ? *found : words.front().value;
  }

  // The elements, at most `max_items`; a null pointer when absent or not an array.
  const JsonArray* optional_array(std::string_view name, std::size_t max_items);
  std::vector<std::string> optional_strings(std::string_view name, std::size_t max_items, StringSize each);
  // Readers of inner objects. They belong to this one; its finish() covers them.
  JsonObjectReader* optional_object(std::string_view name);
  std::vector<JsonObjectReader*> optional_objects(std::string_view name, std::size_t max_items);
  // Any value: for members that are passed on as they are.
  const JsonValue* any(std::string_view name) { return find(name); }

  bool has(std::string_view name);      // present, and not null
  bool is_null(std::string_view name);  // present, and null
  // A fault that only the caller can see, such as two members that exclude each other.
  void fail(std::string_view name, std::string detail);

  // Fails with invalid_document when there was any fault, here or in inner objects.
  Result<void> finish();

 private:
  using Faults = std::vector<FieldError>;
  JsonObjectReader(const JsonValue& value, std::string pointer, Faults& faults);

  const JsonValue* look_up(std::string_view name);  // null counts as present
  const JsonValue* find(std::string_view name);     // null counts as absent
  bool require(std::string_view name);
  void fail_kind(std::string_view name, std::string_view expected, const JsonValue& got);
  void fail_word(std::string_view name, const std::vector<std::string_view>& known);
  void report_unknown();

  const JsonObject* object_;
  std::string pointer_;
  Faults own_faults_;
  Faults* faults_;
  std::vector<std::string> asked_;
  std::vector<std::unique_ptr<JsonObjectReader>> inner_;
};

}  // namespace tollgate::codec
