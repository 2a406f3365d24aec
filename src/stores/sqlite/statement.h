// A prepared statement: bind values, step through rows, read columns. Prepare once, run often.
//
//   TG_TRY(auto find, database.prepare("SELECT name FROM keys WHERE id = ?1 AND state = ?2"));
//   find.bind(id, state);                       // values for ?1, ?2, …
//   TG_TRY(const bool found, find.step());      // false: no (more) row, and the statement has reset itself
//   if (found) use(find.text(0));
//   find.reset();                               // when leaving before the last row: an open read pins the log
//
// Thread safety: as its connection. An error in bind() is reported by the next step().
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

struct sqlite3_stmt;

namespace tollgate::stores {

// Bytes that are not text.
struct Blob {
  std::string_view bytes;
};

class Statement {
 public:
  // Binds ?1, ?2, … in order: integers, bool, double, text, Blob, WallTime (ns since 1970), optional (NULL when empty).
  // Text and blobs are copied. Unsigned 64-bit values keep their bits: equality holds, order only below 2⁶³.
  template <class... Values>
  Statement& bind(const Values&... values) {
    int index = 0;
    (bind_one(++index, values), ...);
    return *this;
  }

  // True: a row is there to read. False: done, and reset for the next use. An error resets too.
  Result<bool> step();
  // For statements whose rows are of no interest: binds, runs to the end, resets.
  template <class... Values>
  Result<void> run(const Values&... values) {
    bind(values...);
    return run_bound();
  }
  // Calls `row(*this)` for each row. The statement is reset afterwards.
  template <class Row>
  Result<void> each(Row&& row) {
    while (true) {
      TG_TRY(const bool more, step());
      if (!more) return {};
      row(*this);
    }
  }
  void reset() noexcept;

  // Columns of the current row, from 0. NULL reads as zero or empty. Views live until the next step() or reset().
  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  std::uint64_t unsigned_integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;
  std::string_view blob(int column) const;
  WallTime time(int column) const { return WallTime(Nanos(integer(column))); }
  std::optional<WallTime> optional_time(int column) const {
    return is_null(column) ? std::nullopt : std::optional(time(column));
  }

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}

  template <std::integral N>
  void bind_one(int index, N value) {
    bind_integer(index, static_cast<std::int64_t>(value));
  }
  template <class T>
  void bind_one(int index, const std::optional<T>& value) {
    if (value) {
      bind_one(index, *value);
    } else {
      bind_null(index);
    }
  }
  void bind_one(int index, WallTime value) { bind_integer(index, value.time_since_epoch().count()); }
  void bind_one(int index, double value);
  void bind_one(int index, std::string_view text);
  void bind_one(int index, Blob blob);
  void bind_integer(int index, std::int64_t value);
  void bind_null(int index);
  void note(int result_code);
  Result<void> run_bound();

  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
  int bind_error_ = 0;
};

}  // namespace tollgate::stores
