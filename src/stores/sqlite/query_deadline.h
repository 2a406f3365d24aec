// Bounds how long queries on a connection may run: a dashboard's long read must not pin the write-ahead log for ever.
//
//   const QueryDeadline deadline(database, clock, Millis(2000));
//   … every statement until the end of the scope shares these two seconds; a late one fails with store_unavailable.
//
// Looks at the clock every few thousand steps of SQLite's virtual machine, well under a millisecond apart.
#pragma once

#include "base/clock.h"
#include "stores/sqlite/database.h"

namespace tollgate::stores {

// Thread safety: as its connection. One at a time per connection.
class QueryDeadline {
 public:
  QueryDeadline(Database& database, const Clock& clock, Nanos budget);
  ~QueryDeadline();
  QueryDeadline(const QueryDeadline&) = delete;
  QueryDeadline& operator=(const QueryDeadline&) = delete;

 private:
  static int is_late(void* self);

  Database& database_;
  const Clock& clock_;
  MonoTime end_;
};

}  // namespace tollgate::stores
