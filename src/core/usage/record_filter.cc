#include "core/usage/record_filter.h"

namespace tollgate::core {
namespace {

template <class T>
bool fits(const std::optional<T>& wanted, const T& given) {
  return !wanted || *wanted == given;
}

}  // namespace

bool RecordFilter::matches_time(std::int64_t time_ns) const {
  const WallTime time{Nanos(time_ns)};
  return time >= from && (time < to || to == WallTime::max());
}

bool RecordFilter::matches_caller(const DecisionRecord& record) const {
  return fits(key, record.key) && fits(tier, record.tier) && fits(consumer, record.consumer) &&
         fits(client, {.net = record.client_net, .family = record.client_family});
}

bool RecordFilter::matches_kind(const DecisionRecord& record) const {
  return fits(route, record.route) && fits(status, record.status) && fits(outcome, record.outcome) &&
         fits(method, record.method) && (!status_class || record.status / 100 == *status_class);
}

bool RecordFilter::asks_for_caller() const {
  return key || tier || consumer || client;
}

bool RecordFilter::asks_for_kind() const {
  return route || status || status_class || outcome || method;
}

}  // namespace tollgate::core
