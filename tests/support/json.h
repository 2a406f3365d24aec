// JSON answers in tests: json["a"]["b"][0].text(). What is not there, or of another type, throws with its path.
#pragma once

#include <stdexcept>
#include <string>

#include "base/str.h"
#include "codec/json/parse.h"

namespace tollgate::testing {

class Json {
 public:
  explicit Json(std::string_view text) : path_("$") {
    auto parsed = codec::parse_json(text);
    if (!parsed) throw std::runtime_error(str::cat("not JSON (", parsed.error().detail(), "): ", text));
    value_ = *std::move(parsed);
  }

  Json operator[](std::string_view name) const {
    const codec::JsonValue* member = value_.find(name);
    if (member == nullptr) throw std::runtime_error(str::cat(path_, " has no member ", name));
    return {*member, str::cat(path_, ".", name)};
  }
  Json operator[](std::size_t index) const {
    if (index >= size()) throw std::runtime_error(str::cat(path_, " has no element ", index));
    return {(*value_.array())[index], str::cat(path_, "[", index, "]")};
  }
  bool has(std::string_view name) const { return value_.find(name) != nullptr; }
  bool is_null() const { return value_.is_null(); }
  bool is_object() const { return value_.object() != nullptr; }
  std::size_t size() const { return get<codec::JsonArray>("an array").size(); }
  const std::string& text() const { return get<std::string>("a string"); }
  std::uint64_t uint() const { return get<std::uint64_t>("a whole number"); }
  bool boolean() const { return get<bool>("a boolean"); }
  double number() const {
    if (const auto* whole = value_.get_if<std::uint64_t>()) return static_cast<double>(*whole);
    return get<double>("a number");
  }

 private:
  Json(codec::JsonValue value, std::string path) : value_(std::move(value)), path_(std::move(path)) {}

  template <class T>
  const T& get(const char* wanted) const {
    const T* value = value_.get_if<T>();
    if (value == nullptr) throw std::runtime_error(str::cat(path_, " is ", value_.kind(), ", not ", wanted));
    return *value;
  }

  codec::JsonValue value_;
  std::string path_;
};

}  // namespace tollgate::testing
