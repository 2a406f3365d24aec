// Records of every kind, for tests that count them.
#pragma once

#include <random>

#include "core/usage/decision_record.h"

namespace tollgate::core {

inline KeyId key_named(std::uint32_t number) {
  KeyId id;
  for (char& c : id.text) {
    c = static_cast<char>('a' + number % 26);
    number /= 26;
  }
  return id;
}

// Of three minutes, forty keys, four routes.
inline DecisionRecord random_record(std::mt19937_64& random) {
  DecisionRecord record;
  record.time_ns = 1'790'000'000'000'000'000 + static_cast<std::int64_t>(random() % 180'000'000'000);
  record.key = random() % 5 == 0 ? 0 : key_number(key_named(static_cast<std::uint32_t>(random() % 40)));
  record.route = static_cast<NameRef>(random() % 4);
  record.tier = static_cast<NameRef>(random() % 3);
  record.consumer = static_cast<NameRef>(random() % 3);
  record.method = static_cast<std::uint8_t>(random() % 10);
  record.status = static_cast<std::uint16_t>(random() % 6 * 100);
  record.outcome = static_cast<Outcome>(random() % 8);
  record.client_family = random() % 7 == 0 ? 0 : 4;
  record.client_net[3] = static_cast<std::uint8_t>(random() % 200);
  record.cost = static_cast<std::uint32_t>(random() % 10);
  record.total_us = static_cast<std::uint32_t>(random() % 1'000'000);
  record.bytes_in = random() % 5000;
  record.bytes_out = random() % 50'000;
  return record;
}

}  // namespace tollgate::core
