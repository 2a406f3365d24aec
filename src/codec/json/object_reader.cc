#include "codec/json/object_reader.h"

#include <algorithm>

#include "base/str.h"
#include "codec/json/pointer.h"

namespace tollgate::codec {
namespace {

constexpr std::size_t kFaultsInSummary = 3;
// A document of a hundred thousand unknown members is answered with the first of them.
constexpr std::size_t kMaxFaults = 50;

std::string summarise(const std::vector<FieldError>& faults) {
  std::string out;
  for (std::size_t i = 0; i < faults.size() && i < kFaultsInSummary; ++i) {
    str::append(out, i == 0 ? "" : "; ", faults[i].pointer.empty() ? "the document" : faults[i].pointer.c_str(), ": ",
                faults[i].detail);
  }
  if (faults.size() > kFaultsInSummary) str::append(out, "; and ", faults.size() - kFaultsInSummary, " more");
  return out;
}

std::optional<double> as_double(const JsonValue& value) {
  if (const auto* number = value.get_if<double>()) return *number;
  if (const auto* number = value.get_if<std::uint64_t>()) return static_cast<double>(*number);
  if (const auto* number = value.get_if<std::int64_t>()) return static_cast<double>(*number);
  return std::nullopt;
}

std::string number_text(double number) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof(text), number).ptr);
}

}  // namespace

JsonObjectReader::JsonObjectReader(const JsonValue& value) : object_(value.object()), faults_(&own_faults_) {
  if (object_ == nullptr) faults_->push_back({"", str::cat("must be an object, not ", value.kind())});
}

JsonObjectReader::JsonObjectReader(const JsonValue& value, std::string pointer, Faults& faults)
    : object_(value.object()), pointer_(std::move(pointer)), faults_(&faults) {}

const JsonValue* JsonObjectReader::look_up(std::string_view name) {
  if (std::ranges::find(asked_, name) == asked_.end()) asked_.emplace_back(name);
  if (object_ == nullptr) return nullptr;
  const auto found = std::ranges::find(*object_, name, &JsonMember::name);
  return found == object_->end() ? nullptr : &found->value;
}

const JsonValue* JsonObjectReader::find(std::string_view name) {
  const JsonValue* value = look_up(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool JsonObjectReader::has(std::string_view name) {
  return find(name) != nullptr;
}

bool JsonObjectReader::is_null(std::string_view name) {
  const JsonValue* value = look_up(name);
  return value != nullptr && value->is_null();
}

bool JsonObjectReader::require(std::string_view name) {
  if (has(name)) return true;
  if (object_ != nullptr) fail(name, is_null(name) ? "must not be null" : "is required");
  return false;
}

void JsonObjectReader::fail(std::string_view name, std::string detail) {
  faults_->push_back({json_pointer(pointer_, name), std::move(detail)});
}

void JsonObjectReader::fail_kind(std::string_view name, std::string_view expected, const JsonValue& got) {
  fail(name, str::cat("must be ", expected, ", not ", got.kind()));
}

void JsonObjectReader::fail_word(std::string_view name, const std::vector<std::string_view>& known) {
  std::string detail = "must be one of ";
  for (const std::string_view word : known) str::append(detail, word.data() == known.front().data() ? "" : ", ", word);
  fail(name, std::move(detail));
}

std::optional<std::string> JsonObjectReader::optional_string(std::string_view name, StringSize size) {
  const JsonValue* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto* text = value->get_if<std::string>();
  if (text == nullptr) {
    fail_kind(name, "a string", *value);
  } else if (text->size() < size.min || text->size() > size.max) {
    fail(name, size.min == 0 ? str::cat("must be at most ", size.max, " bytes long")
                             : str::cat("must be ", size.min, " to ", size.max, " bytes long"));
  } else {
    return *text;
  }
  return std::nullopt;
}

std::string JsonObjectReader::required_string(std::string_view name, StringSize size) {
  return require(name) ? optional_string(name, size).value_or("") : "";
}

std::optional<std::uint64_t> JsonObjectReader::optional_uint(std::string_view name, UintRange range) {
  const JsonValue* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto* number = value->get_if<std::uint64_t>();
  if (number != nullptr && *number >= range.min && *number <= range.max) return *number;
  fail(name, range.max == UintRange{}.max ? str::cat("must be a whole number, at least ", range.min)
                                          : str::cat("must be a whole number from ", range.min, " to ", range.max));
  return std::nullopt;
}

std::uint64_t JsonObjectReader::required_uint(std::string_view name, UintRange range) {
  return require(name) ? optional_uint(name, range).value_or(range.min) : range.min;
}

std::optional<double> JsonObjectReader::optional_double(std::string_view name, DoubleRange range) {
  const JsonValue* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto number = as_double(*value);
  if (!number) {
    fail_kind(name, "a number", *value);
  } else if (*number < range.min || *number > range.max) {
    fail(name, str::cat("must be a number from ", number_text(range.min), " to ", number_text(range.max)));
  } else {
    return number;
  }
  return std::nullopt;
}

double JsonObjectReader::required_double(std::string_view name, DoubleRange range) {
  return require(name) ? optional_double(name, range).value_or(range.min) : range.min;
}

std::optional<bool> JsonObjectReader::optional_bool(std::string_view name) {
  const JsonValue* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (const auto* flag = value->get_if<bool>()) return *flag;
  fail_kind(name, "true or false", *value);
  return std::nullopt;
}

bool JsonObjectReader::required_bool(std::string_view name) {
  return require(name) && optional_bool(name).value_or(false);
}

std::optional<WallTime> JsonObjectReader::optional_time(std::string_view name) {
  const JsonValue* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto* text = value->get_if<std::string>();
  const auto time = text == nullptr ? std::nullopt : parse_rfc3339(*text);
  if (!time) fail(name, "must be an RFC 3339 time such as 2026-09-21T14:13:20Z");
  return time;
}

WallTime JsonObjectReader::required_time(std::string_view name) {
  return require(name) ? optional_time(name).value_or(WallTime{}) : WallTime{};
}

const JsonArray* JsonObjectReader::optional_array(std::string_view name, std::size_t max_items) {
  const JsonValue* value = find(name);
  if (value == nullptr) return nullptr;
  if (value->array() == nullptr) {
    fail_kind(name, "an array", *value);
  } else if (value->array()->size() > max_items) {
    fail(name, str::cat("must have at most ", max_items, " elements"));
  } else {
    return value->array();
  }
  return nullptr;
}

std::vector<std::string> JsonObjectReader::optional_strings(std::string_view name, std::size_t max_items,
                                                            StringSize each) {
  std::vector<std::string> out;
  const JsonArray* array = optional_array(name, max_items);
  for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
    const auto* text = (*array)[i].get_if<std::string>();
    if (text != nullptr && text->size() >= each.min && text->size() <= each.max) {
      out.push_back(*text);
    } else {
      faults_->push_back({json_pointer(json_pointer(pointer_, name), i),
                          str::cat("must be a string of ", each.min, " to ", each.max, " bytes")});
    }
  }
  return out;
}

JsonObjectReader* JsonObjectReader::optional_object(std::string_view name) {
  const JsonValue* value = find(name);
  if (value == nullptr) return nullptr;
  if (value->object() == nullptr) {
    fail_kind(name, "an object", *value);
    return nullptr;
  }
  inner_.emplace_back(new JsonObjectReader(*value, json_pointer(pointer_, name), *faults_));
  return inner_.back().get();
}

std::vector<JsonObjectReader*> JsonObjectReader::optional_objects(std::string_view name, std::size_t max_items) {
  std::vector<JsonObjectReader*> out;
  const JsonArray* array = optional_array(name, max_items);
  for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
    std::string pointer = json_pointer(json_pointer(pointer_, name), i);
    if ((*array)[i].object() == nullptr) {
      faults_->push_back({std::move(pointer), str::cat("must be an object, not ", (*array)[i].kind())});
      continue;
    }
    inner_.emplace_back(new JsonObjectReader((*array)[i], std::move(pointer), *faults_));
    out.push_back(inner_.back().get());
  }
  return out;
}

void JsonObjectReader::report_unknown() {
  const std::vector<std::string_view> known(asked_.begin(), asked_.end());
  for (std::size_t i = 0; object_ != nullptr && i < object_->size(); ++i) {
    const std::string& name = (*object_)[i].name;
    if (std::ranges::find(known, name) != known.end()) continue;
    const auto near = name.size() <= 64 ? str::nearest(name, known) : std::nullopt;
    fail(name, near ? str::cat("is not known here; did you mean \"", *near, "\"?") : "is not known here");
    if (faults_->size() >= kMaxFaults) return;
  }
  for (const auto& inner : inner_) inner->report_unknown();
}

Result<void> JsonObjectReader::finish() {
  report_unknown();
  if (faults_->empty()) return {};
  std::string summary = summarise(*faults_);  // before the faults are moved away
  return std::unexpected(Error(codes::invalid_document, std::move(summary), std::move(*faults_)));
}

}  // namespace tollgate::codec
