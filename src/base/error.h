// Error: one stable code, the operator's sentence, and where in the input it stands.
// Result<T>: a value or an Error. A denial by a limit is a result, not an error.
#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "base/error_code.h"

namespace tollgate {

// One fault in a document: an RFC 6901 pointer ("" is the whole document) and a sentence.
struct FieldError {
  std::string pointer;
  std::string detail;
  bool operator==(const FieldError&) const = default;
};

// Thread safety: a value. `detail` is for operators and may name files and addresses; `code->caller` is what clients
// see, except for caller-sourced codes, whose detail speaks of the caller's own input and is shown.
class Error {
 public:
  explicit Error(const ErrorCode& code, std::string detail = {}) : code_(&code), detail_(std::move(detail)) {}
  Error(const ErrorCode& code, std::string detail, std::vector<FieldError> fields)
      : code_(&code), detail_(std::move(detail)), fields_(std::move(fields)) {}

  const ErrorCode& code() const { return *code_; }
  bool is(const ErrorCode& code) const { return code_->name == code.name; }
  const std::string& detail() const { return detail_; }
  const std::vector<FieldError>& fields() const { return fields_; }

  // "opening /x/admin.db: permission denied": the caller adds what it was doing.
  Error&& while_doing(const std::string& what) && {
    detail_ = detail_.empty() ? what : what + ": " + detail_;
    return std::move(*this);
  }
  std::string to_string() const { return std::string(code_->name) + (detail_.empty() ? "" : ": " + detail_); }

 private:
  const ErrorCode* code_;
  std::string detail_;
  std::vector<FieldError> fields_;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(const ErrorCode& code, std::string detail = {}) {
  return std::unexpected(Error(code, std::move(detail)));
}

}  // namespace tollgate

#define TG_CONCAT_INNER(a, b) a##b
#define TG_CONCAT(a, b) TG_CONCAT_INNER(a, b)

// TG_TRY(auto x, expression); returns the error from the enclosing function when there is one.
// TG_CO_TRY does the same in a coroutine; the expression may be a variable that holds an awaited result.
#define TG_TRY(declaration, ...)                                                                              \
  auto TG_CONCAT(tg_try_, __LINE__) = (__VA_ARGS__);                                                          \
  if (!TG_CONCAT(tg_try_, __LINE__)) return std::unexpected(std::move(TG_CONCAT(tg_try_, __LINE__)).error()); \
  declaration = *std::move(TG_CONCAT(tg_try_, __LINE__))
#define TG_CO_TRY(declaration, ...)                                                                              \
  auto TG_CONCAT(tg_try_, __LINE__) = (__VA_ARGS__);                                                             \
  if (!TG_CONCAT(tg_try_, __LINE__)) co_return std::unexpected(std::move(TG_CONCAT(tg_try_, __LINE__)).error()); \
  declaration = *std::move(TG_CONCAT(tg_try_, __LINE__))
