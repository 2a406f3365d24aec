// Traffic of a busy gateway, for measurements.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "stores/sqlite/usage_records_test.h"
#include "stores/sqlite/usage_store.h"

namespace tollgate::stores {

inline core::KeyId key_numbered(std::uint64_t number) {
  std::string text = "k000000000";
  for (std::size_t at = text.size(); number > 0; number /= 10) text[--at] = static_cast<char>('0' + number % 10);
  return key_id(text);
}

inline std::string route_numbered(std::uint64_t number) {
  return "route-" + std::to_string(number);
}

struct Traffic {
  std::uint64_t keys = 1;
  std::uint64_t routes = 1;
};

// 4096 records as a busy gateway ships them, of the last tenth of a second, spread over keys and routes.
inline std::vector<core::DecisionRecord> records(const Clock& clock, const Traffic& traffic, std::mt19937_64& random) {
  std::vector<core::DecisionRecord> made;
  for (int i = 0; i < 4096; ++i) {
    core::DecisionRecord& record = made.emplace_back(make_record({.time = clock.wall_now() - Millis(random() % 100)}));
    record.key = core::key_number(key_numbered(random() % traffic.keys));
    record.route = route_ref(route_numbered(random() % traffic.routes));
    record.status = random() % 10 == 0 ? 429 : 200;
    record.outcome = record.status == 429 ? core::Outcome::limited : core::Outcome::allowed;
    record.total_us = static_cast<std::uint32_t>(200 + random() % 2000);
    record.bytes_out = random() % 10'000;
  }
  return made;
}

inline void maintain(SqliteUsageStore& store, const Clock& clock) {
  while (store.maintain(clock.wall_now()).value_or(false)) {
  }
}

}  // namespace tollgate::stores
