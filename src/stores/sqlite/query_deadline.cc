#include "stores/sqlite/query_deadline.h"

#include <sqlite3.h>

namespace tollgate::stores {
namespace {

constexpr int kStepsBetweenLooks = 4000;

}  // namespace

QueryDeadline::QueryDeadline(Database& database, const Clock& clock, Nanos budget)
    : database_(database), clock_(clock), end_(clock.mono_now() + budget) {
  sqlite3_progress_handler(database_.handle(), kStepsBetweenLooks, &QueryDeadline::is_late, this);
}

QueryDeadline::~QueryDeadline() {
  sqlite3_progress_handler(database_.handle(), 0, nullptr, nullptr);
}

int QueryDeadline::is_late(void* self) {
  const auto& deadline = *static_cast<const QueryDeadline*>(self);
  return deadline.clock_.mono_now() >= deadline.end_ ? 1 : 0;
}

}  // namespace tollgate::stores
